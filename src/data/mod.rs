//! Data: from `ndarray` arrays, tables and files to batches.
//!
//! | step | what for it |
//! |---|---|
//! | arrays in | [`Dataset::new`], [`Dataset::of_several`], [`Dataset::with_weights`] |
//! | windows over a text | [`Windows`] |
//! | files in | [`read_idx`]; with the feature `csv` also `read_csv`; with `gzip` both open compressed files |
//! | data to try things on | `digits` and `diabetes`, behind the features of those names |
//! | divide | [`Dataset::split`], [`split_stratified`](Dataset::split_stratified), [`split_by_group`](Dataset::split_by_group), [`split_by_time`](Dataset::split_by_time), [`k_fold`](Dataset::k_fold) |
//! | scale | [`Standardize`], [`MinMax`]: fitted on the training part, applied to every part |
//! | augment | [`augment`]: images, sequences and tables changed at random for training |
//! | batches | [`Dataset::batches`], [`Order`] |
//!
//! Every division shares the arrays and keeps lists of rows alone; values are copied when a batch is filled.

mod array;
pub mod augment;
mod batch;
mod batches;
mod dataset;
#[cfg(any(feature = "digits", feature = "diabetes"))]
mod embedded;
mod fold;
mod order;
mod read;
mod scale;
mod source;
mod split;
mod targets;
mod windows;

pub use array::{IntoInput, IntoTargets, Targets};
pub use batch::{Batch, Part};
pub use batches::Batches;
pub use dataset::Dataset;
#[cfg(feature = "diabetes")]
pub use embedded::{diabetes, diabetes_as};
#[cfg(feature = "digits")]
pub use embedded::{digits, digits_as};
pub use fold::Folds;
pub use order::{Order, order_into};
#[cfg(feature = "csv")]
pub use read::csv::{Column, CsvOptions, CsvTargets, Table, read_csv, read_csv_from};
pub use read::idx::{IdxNumber, read_idx, read_idx_from};
pub use scale::{MinMax, Scaler, Standardize};
pub use source::{Content, Sampling, Source};
pub use targets::{Classes, Target, TargetKind};
pub use windows::Windows;

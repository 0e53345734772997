//! Parameters: names, shapes and roles over one contiguous buffer, how they start, and how they are selected.

pub mod init;
mod role;
mod select;
mod spec;

pub use role::Role;
pub use select::Select;
pub use spec::{Parameter, StateTensor};

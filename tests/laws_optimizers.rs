//! The laws of optimizers, for all rules of the crate.
#![cfg(feature = "check")]

use downhill::check::optimizer;
use downhill::optim::*;

optimizer!(sgd, Sgd { learning_rate: 0.02, ..Sgd::default() });
optimizer!(adam, Adam::default());
optimizer!(adamw, AdamW { weight_decay: 0.1, ..AdamW::default() });
optimizer!(lion, Lion::default());

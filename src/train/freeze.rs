//! Parameters that a trainer keeps as they are.

use super::Trainer;
use crate::error::Error;
use crate::params::Select;
use crate::scalar::Scalar;

impl<F: Scalar> Trainer<F> {
    /// Keeps the parameters that `select` means as they are; what the optimizer remembers of them is kept too.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if it means none.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).build(&[1])?;
    /// trainer.freeze(Role::Weight)?;
    /// let weight = trainer.model().get("weight")?.to_owned();
    /// trainer.fit(&data, Fit::epochs(3))?;
    /// assert_eq!(trainer.model().get("weight")?, weight);
    /// assert!(trainer.freeze("no such layer").is_err());
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn freeze(&mut self, select: impl Into<Select>) -> Result<(), Error> {
        self.set_active(&select.into(), false)
    }

    /// Lets the parameters that `select` means move again.
    ///
    /// # Errors
    /// [`Error::NoMatch`] if it means none.
    ///
    /// ```
    /// # use downhill::prelude::*;
    /// # let data = Dataset::new(ndarray::array![[1.0], [2.0]], ndarray::array![[2.0], [4.0]])?;
    /// let mut trainer = Trainer::builder(Dense::new(1), Mse, Sgd::default()).freeze("*").build(&[1])?;
    /// let before = trainer.model().values().to_vec();
    /// trainer.fit(&data, Fit::epochs(1))?;
    /// assert_eq!(trainer.model().values(), before);
    /// trainer.unfreeze("weight")?;
    /// trainer.fit(&data, Fit::epochs(1))?;
    /// assert_ne!(trainer.model().values()[0], before[0]);
    /// assert_eq!(trainer.model().values()[1], before[1]); // the bias is still frozen
    /// # Ok::<(), downhill::Error>(())
    /// ```
    pub fn unfreeze(&mut self, select: impl Into<Select>) -> Result<(), Error> {
        self.set_active(&select.into(), true)
    }

    fn set_active(&mut self, select: &Select, active: bool) -> Result<(), Error> {
        for id in self.model.select(select)? {
            self.base_courses[id].active = active;
        }
        Ok(())
    }
}

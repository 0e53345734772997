//! Buffers whose length comes from outside: too little memory is an error, and not the end of the program.

use num_traits::Zero;

use crate::error::Error;
use crate::kernel::large_pages;

/// A buffer of so many zeros.
pub(crate) fn zeros<T: Clone + Zero>(length: usize, what: &str) -> Result<Vec<T>, Error> {
    let mut buffer = Vec::new();
    grow(&mut buffer, length, what)?;
    Ok(buffer)
}

/// Makes a buffer hold at least so many numbers; new ones are 0.
pub(crate) fn grow<T: Clone + Zero>(
    buffer: &mut Vec<T>,
    length: usize,
    what: &str,
) -> Result<(), Error> {
    let length = length.max(buffer.len());
    resize(buffer, length, T::zero(), what)
}

/// Makes a buffer hold so many numbers; new ones are `value`.
pub(crate) fn resize<T: Clone>(
    buffer: &mut Vec<T>,
    length: usize,
    value: T,
    what: &str,
) -> Result<(), Error> {
    reserve(buffer, length, what)?;
    buffer.resize(length, value);
    Ok(())
}

/// Makes room for so many elements in all.
pub(crate) fn reserve<T>(buffer: &mut Vec<T>, length: usize, what: &str) -> Result<(), Error> {
    let (before, more) = (buffer.capacity(), length.saturating_sub(buffer.len()));
    buffer.try_reserve_exact(more).map_err(|_| {
        let message =
            format!("there is no memory for {length} numbers; use a smaller model or batch");
        Error::other(what, message)
    })?;
    if buffer.capacity() > before {
        large_pages::ask(buffer);
    }
    Ok(())
}

//! IDX, the format of MNIST and its kin.

use std::io::Read;
use std::path::Path;

use ndarray::ArrayD;

use super::bytes::Bytes;
use crate::buffer::reserve;
use crate::error::Error;

/// Numbers that an IDX file can be read as: `f32`, `f64`, `usize` and `u8`.
///
/// ```
/// use downhill::data::read_idx_from;
/// let bytes = [0, 0, 9, 1, 0, 0, 0, 2, 3, 0xFF]; // signed bytes, one axis: 3 and -1
/// assert_eq!(read_idx_from::<f32>(&bytes[..], "file", 100)?, ndarray::array![3.0, -1.0].into_dyn());
/// assert!(read_idx_from::<usize>(&bytes[..], "file", 100).is_err()); // no index is -1
/// # Ok::<(), downhill::Error>(())
/// ```
pub trait IdxNumber: Copy + sealed::Sealed {
    /// This number, if the type has it; floats take the nearest.
    #[doc(hidden)]
    fn of(value: f64) -> Option<Self>;
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
    impl Sealed for usize {}
    impl Sealed for u8 {}
}

impl IdxNumber for f64 {
    fn of(value: f64) -> Option<Self> {
        Some(value)
    }
}

impl IdxNumber for f32 {
    fn of(value: f64) -> Option<Self> {
        Some(value as f32)
    }
}

impl IdxNumber for usize {
    fn of(value: f64) -> Option<Self> {
        // All integers of an IDX file have 32 bits at most.
        let whole = value.fract() == 0.0 && (0.0..=f64::from(i32::MAX)).contains(&value);
        whole.then_some(value as usize)
    }
}

impl IdxNumber for u8 {
    fn of(value: f64) -> Option<Self> {
        let whole = value.fract() == 0.0 && (0.0..=255.0).contains(&value);
        whole.then_some(value as u8)
    }
}

/// The most bytes of content that [`read_idx`] reads: 4 GiB.
const LIMIT: u64 = 1 << 32;

/// How many bytes are read at once: a multiple of the size of every element.
const PIECE: usize = 1 << 16;

/// Reads an array from an IDX file, the format of MNIST: 1 to 4 axes; elements of 8, 16 or 32-bit integers or 32 or 64-bit floats. With the
/// feature `gzip` the file may be compressed.
///
/// The type to read as is the caller's choice: `f32` for images, `usize` for labels. For files above 4 GiB see [`read_idx_from`].
///
/// # Errors
/// [`Error::Read`] naming the file for anything but a whole file with nothing after it, and for elements that the type cannot hold. Memory
/// grows with the bytes that are there, not with the size that the header declares. A compressed file may hold a thousand times its size:
/// for one that you do not trust, give [`read_idx_from`] a limit.
///
/// ```no_run
/// use downhill::data::{self, Dataset};
/// use ndarray::ArrayD;
/// let images: ArrayD<f32> = data::read_idx("train-images-idx3-ubyte")? / 255.0;
/// let labels: ArrayD<usize> = data::read_idx("train-labels-idx1-ubyte")?;
/// let train = Dataset::new(images, labels)?;
/// # Ok::<(), downhill::Error>(())
/// ```
///
/// A file of two labels, written by hand:
///
/// ```
/// let path = std::env::temp_dir().join(format!("labels-{}-idx1-ubyte", std::process::id()));
/// std::fs::write(&path, [0, 0, 8, 1, 0, 0, 0, 2, 7, 9])?; // u8, one axis, of length 2
/// let labels = downhill::data::read_idx::<usize>(&path)?;
/// # std::fs::remove_file(&path)?;
/// assert_eq!(labels, ndarray::array![7, 9].into_dyn());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_idx<T: IdxNumber>(path: impl AsRef<Path>) -> Result<ArrayD<T>, Error> {
    parse(Bytes::open(path.as_ref())?, LIMIT)
}

/// Reads an array in IDX format from anything. `name` stands for the file in messages; content of more than `limit` bytes is refused.
///
/// # Errors
/// As [`read_idx`].
///
/// ```
/// let bytes = [0, 0, 8, 1, 0, 0, 0, 3, 10, 20, 30]; // u8, one axis, of length 3
/// let array = downhill::data::read_idx_from::<usize>(&bytes[..], "labels", 1000)?;
/// assert_eq!(array, ndarray::array![10, 20, 30].into_dyn());
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn read_idx_from<T: IdxNumber>(
    reader: impl Read,
    name: &str,
    limit: u64,
) -> Result<ArrayD<T>, Error> {
    parse(Bytes::new(reader, name, None)?, limit)
}

/// An element: how many bytes it has and what they mean.
#[derive(Clone, Copy)]
enum Element {
    U8,
    I8,
    I16,
    I32,
    F32,
    F64,
}

impl Element {
    fn of_code(code: u8) -> Option<Self> {
        Some(match code {
            0x08 => Self::U8,
            0x09 => Self::I8,
            0x0B => Self::I16,
            0x0C => Self::I32,
            0x0D => Self::F32,
            0x0E => Self::F64,
            _ => return None,
        })
    }

    fn size(self) -> usize {
        match self {
            Self::U8 | Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 | Self::F32 => 4,
            Self::F64 => 8,
        }
    }

    /// The number in these bytes, the most significant one first. Each type here fits into an `f64`.
    fn read(self, bytes: &[u8]) -> f64 {
        let bits = bytes.iter().fold(0, |bits, &byte| bits << 8 | u64::from(byte));
        match self {
            Self::U8 => bits as f64,
            Self::I8 => f64::from(bits as u8 as i8),
            Self::I16 => f64::from(bits as u16 as i16),
            Self::I32 => f64::from(bits as u32 as i32),
            Self::F32 => f64::from(f32::from_bits(bits as u32)),
            Self::F64 => f64::from_bits(bits),
        }
    }
}

fn parse<T: IdxNumber>(mut bytes: Bytes<'_>, limit: u64) -> Result<ArrayD<T>, Error> {
    let mut start = [0; 4];
    read_header(&mut bytes, &mut start)?;
    let [0, 0, code, axes] = start else {
        return Err(bytes.error("is not IDX: the first two bytes are not 0"));
    };
    let Some(element) = Element::of_code(code) else {
        return Err(bytes.error(format!("is not IDX: 0x{code:02x} is no type of element")));
    };
    if !(1..=4).contains(&axes) {
        return Err(bytes.error(format!("has {axes} axes; 1 to 4 are supported")));
    }
    let mut shape = Vec::new();
    for _ in 0..axes {
        let mut length = [0; 4];
        read_header(&mut bytes, &mut length)?;
        shape.push(u32::from_be_bytes(length) as usize);
    }

    let size = element.size();
    let declared = shape.iter().try_fold(size, |all, &axis| all.checked_mul(axis));
    let Some(declared) = declared.filter(|&all| all as u64 <= limit) else {
        return Err(bytes.error(format!(
            "the header declares shape {shape:?} of {size} bytes each; the limit is {limit} bytes"
        )));
    };
    let header = 4 + 4 * u64::from(axes);
    if let Some(most) = bytes.most.filter(|&most| header + declared as u64 > most) {
        return Err(bytes.error(format!(
            "the header declares {declared} bytes of content; the file cannot hold more than {}",
            most.saturating_sub(header)
        )));
    }

    let count = declared / size;
    let mut values = Vec::new();
    let mut piece = Vec::with_capacity(PIECE);
    while values.len() < count {
        let wanted = ((count - values.len()) * size).min(PIECE);
        read_piece(&mut bytes, &mut piece, wanted)?;
        if piece.len() < wanted {
            let read = values.len() * size + piece.len();
            return Err(bytes.error(format!(
                "ends after {read} of the {declared} bytes that the header declares"
            )));
        }
        if values.len() + wanted / size > values.capacity() {
            // Twice what was read so far, but no more than the header declares.
            let room = (2 * values.capacity()).max(PIECE / size).min(count);
            reserve(&mut values, room, &bytes.name)?;
        }
        for chunk in piece.chunks_exact(size) {
            let value = element.read(chunk);
            let Some(value) = T::of(value) else {
                let (i, kind) = (values.len(), std::any::type_name::<T>());
                return Err(bytes.error(format!("element {i} is {value}, which no {kind} can be")));
            };
            values.push(value);
        }
    }
    // This also makes a decompressor check its sum.
    read_piece(&mut bytes, &mut piece, 1)?;
    if !piece.is_empty() {
        return Err(bytes.error(format!("has bytes after the {declared} that the header declares")));
    }
    ArrayD::from_shape_vec(shape, values).map_err(|error| bytes.error(error))
}

/// Reads so many bytes, or fewer where the file ends.
fn read_piece(bytes: &mut Bytes<'_>, piece: &mut Vec<u8>, len: usize) -> Result<(), Error> {
    piece.clear();
    let read = (&mut bytes.reader).take(len as u64).read_to_end(piece);
    read.map(|_| ()).map_err(|error| bytes.error(error))
}

fn read_header(bytes: &mut Bytes<'_>, out: &mut [u8]) -> Result<(), Error> {
    let read = bytes.reader.read_exact(out);
    read.map_err(|error| bytes.error(format!("the header cannot be read: {error}")))
}

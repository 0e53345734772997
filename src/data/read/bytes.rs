//! Bytes of a file, compressed or not.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

use crate::error::Error;

/// The most that deflate can shrink anything: what claims to be larger than this times its compressed size lies.
const DEFLATE_RATIO: u64 = 1032;

/// What a reader reads, and the most that it can hold.
pub(in crate::data) struct Bytes<'a> {
    pub(in crate::data) reader: Box<dyn Read + 'a>,
    /// The name in messages.
    pub(in crate::data) name: String,
    /// The number of bytes there can be; exact if nothing is compressed.
    pub(in crate::data) most: Option<u64>,
}

impl<'a> Bytes<'a> {
    /// Opens a file.
    pub(in crate::data) fn open(path: &Path) -> Result<Self, Error> {
        let name = path.display().to_string();
        let failed = |error: std::io::Error| Error::read(&name, error);
        let file = File::open(path).map_err(failed)?;
        let about = file.metadata().map_err(failed)?;
        // Pipes and devices have no length to rely on.
        let len = about.is_file().then_some(about.len());
        Self::new(file, &name, len)
    }

    /// Reads from `reader`, which holds `len` bytes if that is known; what starts like gzip is decompressed.
    pub(in crate::data) fn new(
        reader: impl Read + 'a,
        name: &str,
        len: Option<u64>,
    ) -> Result<Self, Error> {
        let mut reader = BufReader::new(reader);
        let start = reader.fill_buf().map_err(|error| Error::read(name, error))?;
        let name = name.to_owned();
        if start.starts_with(&[0x1f, 0x8b]) {
            let most = len.map(|len| len.saturating_mul(DEFLATE_RATIO));
            return Ok(Self { reader: decompress(reader, &name)?, name, most });
        }
        Ok(Self { reader: Box::new(reader), name, most: len })
    }

    /// An error of this file.
    pub(in crate::data) fn error(&self, problem: impl ToString) -> Error {
        Error::read(&self.name, problem)
    }
}

#[cfg(feature = "gzip")]
fn decompress<'a>(reader: impl BufRead + 'a, _: &str) -> Result<Box<dyn Read + 'a>, Error> {
    Ok(Box::new(flate2::bufread::MultiGzDecoder::new(reader)))
}

#[cfg(not(feature = "gzip"))]
fn decompress<'a>(_: impl BufRead + 'a, name: &str) -> Result<Box<dyn Read + 'a>, Error> {
    Err(Error::read(name, "is compressed by gzip: enable the feature `gzip`, or decompress it"))
}

/// A reader that fails when more than so many bytes come.
#[cfg(feature = "csv")]
pub(super) struct Limited<R> {
    reader: R,
    limit: u64,
    left: u64,
}

#[cfg(feature = "csv")]
impl<R: Read> Limited<R> {
    pub(super) fn new(reader: R, limit: u64) -> Self {
        Self { reader, limit, left: limit }
    }
}

#[cfg(feature = "csv")]
impl<R: Read> Read for Limited<R> {
    fn read(&mut self, out: &mut [u8]) -> std::io::Result<usize> {
        let read = self.reader.read(out)?;
        match self.left.checked_sub(read as u64) {
            Some(left) => self.left = left,
            None => {
                let limit = self.limit;
                return Err(std::io::Error::other(format!(
                    "has more than the {limit} bytes allowed"
                )));
            }
        }
        Ok(read)
    }
}

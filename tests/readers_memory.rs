//! Readers take no more memory than the bytes that they read account for.

mod peak;

use std::io::Write;

use downhill::data::{CsvOptions, CsvTargets, IdxNumber, read_csv_from, read_idx_from};
use flate2::{Compression, write::GzEncoder};
use peak::peak;

const MIB: usize = 1 << 20;

/// An IDX file whose header declares these axes.
fn idx(code: u8, axes: &[u32], content: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, code, axes.len() as u8];
    axes.iter().for_each(|axis| file.extend(axis.to_be_bytes()));
    file.extend(content);
    file
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

/// Reading succeeds or not, and takes at most twice the file, or twice the array that comes out if that is larger, and a MiB.
fn assert_idx<T: IdxNumber>(file: &[u8], limit: u64, elements: usize, fine: bool) {
    let (result, bytes) = peak(|| read_idx_from::<T>(file, "file", limit));
    assert_eq!(result.is_ok(), fine);
    let array = elements * size_of::<T>();
    let most = 2 * array.max(file.len()) + MIB;
    assert!(bytes <= most, "{bytes} bytes for {} of file and {array} of array", file.len());
}

/// Reading takes at most this many times the file, and a MiB.
fn assert_csv(file: &[u8], options: &CsvOptions, times: usize, fine: bool) {
    let (result, bytes) = peak(|| read_csv_from::<f32>(file, "file", options));
    assert_eq!(result.is_ok(), fine);
    assert!(bytes <= times * file.len() + MIB, "{bytes} bytes for a file of {}", file.len());
}

/// One test alone in its process: it counts the memory of all threads.
#[test]
fn memory_grows_with_what_was_read() {
    let content = vec![7; 3 * MIB];
    // As it should be.
    assert_idx::<u8>(&idx(8, &[3 * MIB as u32], &content), u64::MAX, 3 * MIB, true);
    assert_idx::<f64>(&idx(8, &[3 * MIB as u32], &content), u64::MAX, 3 * MIB, true);
    assert_idx::<f32>(&idx(13, &[3, MIB as u32 / 4], &content), u64::MAX, 3 * MIB / 4, true);
    assert_idx::<u8>(&gzip(&idx(8, &[3 * MIB as u32], &content)), u64::MAX, 3 * MIB, true);
    // Headers that claim far more than there is.
    for axes in [&[u32::MAX][..], &[u32::MAX, u32::MAX], &[u32::MAX; 4], &[1 << 31, 2]] {
        for code in [8, 9, 11, 12, 13, 14] {
            assert_idx::<f64>(&idx(code, axes, &[7; 100]), u64::MAX, 100, false);
            assert_idx::<f64>(&gzip(&idx(code, axes, &[7; 100])), u64::MAX, 100, false);
        }
    }
    assert_idx::<u8>(&idx(8, &[u32::MAX], &content), u64::MAX, 3 * MIB, false);
    // A bomb: 64 MiB in 64 KiB. The header is read before the content, and the limit holds for what comes out.
    let bomb = gzip(&idx(8, &[64 * MIB as u32], &vec![0; 64 * MIB]));
    assert!(bomb.len() < 128 << 10);
    assert_idx::<u8>(&bomb, MIB as u64, 0, false);
    let understated = gzip(&idx(8, &[10], &vec![0; 64 * MIB]));
    assert_idx::<u8>(&understated, u64::MAX, 10, false);
    assert_csv(
        &gzip(&vec![b'1'; 64 * MIB]),
        &CsvOptions { limit: 1000, ..CsvOptions::default() },
        1,
        false,
    );

    // Text is denser than numbers: a digit and a comma are two bytes, and the number that they make, and its copy while a buffer grows, are more.
    let rows = |row: &str, count| [b"a,b\n", row.repeat(count).as_bytes()].concat();
    assert_csv(&rows("1,2\n", MIB + 1), &CsvOptions::default(), 6, true);
    assert_csv(&rows("1.234567,2.345678\n", MIB / 2 + 1), &CsvOptions::default(), 2, true);
    let classes = CsvOptions { targets: CsvTargets::classes("b"), ..CsvOptions::default() };
    assert_csv(&rows("1,x\n", MIB + 1), &classes, 8, true);
    let distinct: String = (0..MIB / 4).map(|row| format!("1,{row}\n")).collect();
    assert_csv(&rows(&distinct, 1), &classes, 24, true);
    // One cell as long as the file, and a header of empty names.
    assert_csv(&rows(&"1".repeat(3 * MIB), 1), &CsvOptions::default(), 4, false);
    assert_csv(&rows(&format!("\"{}", "1,2\n".repeat(MIB)), 1), &CsvOptions::default(), 4, false);
    let (result, bytes) = peak(|| read_csv_from::<f32>(&vec![b','; MIB][..], "file", &classes));
    assert!(result.is_err() && bytes <= 80 * MIB, "{bytes}");
}

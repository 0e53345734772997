//! The readers of CSV and IDX: what a user of pandas or of MNIST expects, and what files that are not as they should be give.

use std::io::Write;
use std::panic::catch_unwind;

use downhill::data::{Column, CsvOptions, CsvTargets, Table, read_csv_from, read_idx_from};
use flate2::{Compression, write::GzEncoder};
use ndarray::{ArrayD, array};

fn csv(text: impl AsRef<[u8]>, options: &CsvOptions) -> Result<Table<f64>, String> {
    read_csv_from(text.as_ref(), "t", options).map_err(|error| error.to_string())
}

fn options(targets: CsvTargets) -> CsvOptions {
    CsvOptions { targets, ..CsvOptions::default() }
}

fn refused(text: impl AsRef<[u8]>, options: &CsvOptions) -> String {
    csv(text, options).map(|_| ()).unwrap_err()
}

fn gzip(content: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(content).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn one_table_reads_the_same_in_every_dress() {
    let want = array![[1.5, -2.0], [3e2, 0.25]].into_dyn();
    let plain = "a,b,kind\n1.5,-2,x\n300,0.25,y\n";
    let dresses = [
        plain.to_owned(),
        plain.trim_end().to_owned(), // no newline at the end
        plain.replace('\n', "\r\n"), // of Windows
        plain.replace('\n', "\r"),   // of old Macs
        format!("\u{feff}{plain}"),  // with a byte order mark
        plain.replace('\n', "\n\n"), // with empty lines
        " a , b , kind \n 1.5 , -2 , x \n 3e2 , .25 , y \n".to_owned(),
        "\"a\",\"b\",\"kind\"\n\"1.5\",\"-2\",\"x\"\n\"300\",\"0.25\",\"y\"\n".to_owned(),
    ];
    for text in &dresses {
        for text in [text.as_bytes().to_vec(), gzip(text.as_bytes())] {
            let table = csv(&text, &options(CsvTargets::classes("kind"))).unwrap();
            assert_eq!(table.data.inputs(0).unwrap(), want);
            assert_eq!(
                (table.columns, table.classes),
                (vec!["a".into(), "b".into()], vec!["x".into(), "y".into()])
            );
            assert_eq!(table.data.labels(), Some(array![0, 1].into_dyn()));
        }
    }
    let tabs = CsvOptions { delimiter: b'\t', ..options(CsvTargets::classes(2)) };
    assert_eq!(csv(plain.replace(',', "\t"), &tabs).unwrap().data.inputs(0).unwrap(), want);
}

#[test]
fn quoted_cells_may_hold_anything() {
    let text = "name,\"size, in m\"\n\"O\"\"Hara, Ann\",1\n\"two\nlines\",2\n";
    let table = csv(text, &options(CsvTargets::classes("name"))).unwrap();
    assert_eq!(table.columns, ["size, in m"]);
    assert_eq!(table.classes, ["O\"Hara, Ann", "two\nlines"]);
    // Lines are counted in the file, not in the table.
    let error = refused(format!("{text}c,x\n"), &options(CsvTargets::classes("name")));
    assert_eq!(error, "t: line 5, column 1 (`size, in m`): `x` is not a finite number");
}

#[test]
fn columns_are_chosen_by_name_or_number() {
    let text = "id,a,b,c,price\n7,1,2,3,10\n8,4,5,6,20\n";
    let read = |inputs: Option<Vec<Column>>, ignore: Vec<Column>, targets| {
        let options = CsvOptions { inputs, ignore, ..options(targets) };
        csv(text, &options)
            .map(|table| (table.columns, table.data.inputs(0).unwrap(), table.data.values()))
    };
    let (columns, inputs, values) =
        read(Some(vec!["c".into(), 1.into()]), Vec::new(), CsvTargets::value("price")).unwrap();
    assert_eq!(columns, ["c", "a"]);
    assert_eq!(inputs, array![[3.0, 1.0], [6.0, 4.0]].into_dyn());
    assert_eq!(values, Some(array![[10.0], [20.0]].into_dyn()));
    let both = CsvTargets::Values(vec!["price".into(), "c".into()]);
    let (columns, _, values) = read(None, vec!["id".into()], both).unwrap();
    assert_eq!(columns, ["a", "b"]);
    assert_eq!(values, Some(array![[10.0, 3.0], [20.0, 6.0]].into_dyn()));

    let error = |inputs, ignore, targets| read(inputs, ignore, targets).map(|_| ()).unwrap_err();
    let names = "there are: id, a, b, c, price";
    assert_eq!(
        error(Some(vec!["B".into()]), Vec::new(), CsvTargets::None),
        format!("`B` matches no column of t; {names}")
    );
    assert_eq!(
        error(None, vec![5.into()], CsvTargets::None),
        format!("`5` matches no column of t; {names}")
    );
    assert_eq!(
        error(None, Vec::new(), CsvTargets::classes("cost")),
        format!("`cost` matches no column of t; {names}")
    );
    assert_eq!(
        error(Some(vec!["a".into()]), vec!["a".into()], CsvTargets::None),
        "t: column 1 (`a`) cannot be an input and a target or ignored as well"
    );
    assert_eq!(
        error(Some(vec!["a".into(), "price".into()]), Vec::new(), CsvTargets::value(4)),
        "t: column 4 (`price`) cannot be an input and a target or ignored as well"
    );
    assert_eq!(
        error(Some(Vec::new()), Vec::new(), CsvTargets::None),
        "t: has no columns left to be inputs"
    );
}

#[test]
fn labels_are_sorted_names_unless_they_are_given() {
    let labels = |column: &str, names: Option<Vec<&str>>| {
        let names = names.map(|names| names.into_iter().map(str::to_owned).collect());
        let targets = CsvTargets::Classes { column: "y".into(), names };
        csv(column, &options(targets)).map(|table| (table.data.labels().unwrap(), table.classes))
    };
    let fine = |column, names, want: &[usize], classes: &[&str]| {
        let (labels, found) = labels(column, names).unwrap();
        assert!(labels.iter().eq(want), "{labels}");
        assert_eq!(found, classes);
    };
    fine("x,y\n1,b\n1,a\n1,b\n", None, &[1, 0, 1], &["a", "b"]);
    fine("x,y\n1,10\n1,9\n1,-1\n", None, &[2, 1, 0], &["-1", "9", "10"]); // as numbers
    fine("x,y\n1,10\n1,9\n1,a\n", None, &[0, 1, 2], &["10", "9", "a"]); // as text
    fine("x,y\n1,b\n1,b\n", Some(vec!["c", "b", "a"]), &[1, 1], &["c", "b", "a"]);
    let refused = |column, names| labels(column, names).map(|_| ()).unwrap_err();
    assert_eq!(
        refused("x,y\n1,d\n", Some(vec!["a", "b"])),
        "t: line 2, column 1 (`y`): `d` is not one of the classes [\"a\", \"b\"]"
    );
    assert_eq!(
        refused("x,y\n1,a\n", Some(vec!["a", "b", "a"])),
        "CsvTargets::Classes::names = `a` twice is not allowed: use each name once"
    );
    assert_eq!(
        refused("x,y\n1,a\n2,\n", None),
        "t: line 3, column 1 (`y`): the cell is empty; give the name of a class, or leave the row or column out"
    );
}

#[test]
fn what_is_no_table_of_numbers_is_named_by_line_and_column() {
    let none = CsvOptions::default();
    for (text, want) in [
        (
            "a,b\n1,2\n3,\n",
            "line 3, column 1 (`b`): the cell is empty; give a finite number, or leave the row or column out",
        ),
        ("a,b\n1,NA\n", "line 2, column 1 (`b`): `NA` is not a finite number"),
        ("a,b\n1,nan\n", "line 2, column 1 (`b`): `nan` is not a finite number"),
        ("a,b\ninf,1\n", "line 2, column 0 (`a`): `inf` is not a finite number"),
        ("a,b\n1e999,1\n", "line 2, column 0 (`a`): `1e999` is not a finite number"),
        ("a,b\n\"1,000\",1\n", "line 2, column 0 (`a`): `1,000` is not a finite number"),
        ("", "has no rows"),
        ("a,b\n", "has no rows"),
        ("\n\n\n", "has no rows"),
    ] {
        assert_eq!(refused(text, &none), format!("t: {want}"), "{text:?}");
    }
    let ragged = refused("a,b\n1,2\n1,2,3\n", &none);
    assert!(ragged.contains("line: 3") && ragged.contains("3 fields"), "{ragged}");
    let ragged = refused("a,b\n1,2\n1\n", &none);
    assert!(ragged.contains("line: 3") && ragged.contains("1 field"), "{ragged}");
    let latin = refused(b"a,b\n1,\xe9\n", &none);
    assert!(latin.contains("line 2, field: 1") && latin.contains("invalid UTF-8"), "{latin}");
    let twice = refused("a,a,b\n1,2,3\n", &options(CsvTargets::value("a")));
    assert_eq!(twice, "t: columns 0 and 1 are both called `a`: give a number");
    let long = refused("a\n1\n2\n", &CsvOptions { limit: 3, ..none });
    assert!(long.ends_with("has more than the 3 bytes allowed"), "{long}");
    let narrow = read_csv_from::<f32>("a\n1e39\n".as_bytes(), "t", &CsvOptions::default());
    assert_eq!(
        narrow.map(|_| ()).unwrap_err().to_string(),
        "t: line 2, column 0 (`a`): `1e39` is not a finite number that f32 can hold"
    );
}

/// An IDX file.
fn idx(code: u8, axes: &[u32], content: &[u8]) -> Vec<u8> {
    let mut file = vec![0, 0, code, axes.len() as u8];
    axes.iter().for_each(|axis| file.extend(axis.to_be_bytes()));
    file.extend(content);
    file
}

fn read_idx(file: &[u8]) -> Result<ArrayD<f64>, String> {
    read_idx_from(file, "t", 1 << 20).map_err(|error| error.to_string())
}

#[test]
fn every_element_type_is_read() {
    let f32_bytes = [1.5_f32, -3e38].map(f32::to_be_bytes).concat();
    let f64_bytes = [f64::MAX, -0.1].map(f64::to_be_bytes).concat();
    let i32_bytes = [i32::MIN, i32::MAX].map(i32::to_be_bytes).concat();
    for (code, content, want) in [
        (0x08, vec![0, 255], [0.0, 255.0]),
        (0x09, vec![0x80, 0x7F], [-128.0, 127.0]),
        (0x0B, vec![0x80, 0, 0x7F, 0xFF], [-32_768.0, 32_767.0]),
        (0x0C, i32_bytes, [f64::from(i32::MIN), f64::from(i32::MAX)]),
        (0x0D, f32_bytes, [1.5, f64::from(-3e38_f32)]),
        (0x0E, f64_bytes, [f64::MAX, -0.1]),
    ] {
        for file in [idx(code, &[2], &content), gzip(&idx(code, &[2], &content))] {
            assert_eq!(
                read_idx(&file).unwrap(),
                ArrayD::from_shape_vec(vec![2], want.to_vec()).unwrap()
            );
        }
    }
    let numbers: Vec<u8> = (0..24).collect();
    for axes in [&[24][..], &[2, 12], &[2, 3, 4], &[2, 3, 2, 2]] {
        let array = read_idx(&idx(8, axes, &numbers)).unwrap();
        assert!(
            array.shape().iter().eq(&axes.iter().map(|&axis| axis as usize).collect::<Vec<_>>())
        );
        assert!(array.iter().copied().eq((0..24).map(f64::from)));
    }
    // Longer than what is read at once, for elements of each size.
    for (code, size) in [(8, 1), (11, 2), (13, 4), (14, 8)] {
        let count = 70_000;
        let array = read_idx(&idx(code, &[count], &vec![0; count as usize * size])).unwrap();
        assert_eq!(array.len(), 70_000);
    }
    assert_eq!(
        read_idx_from::<usize>(&idx(8, &[2], &[7, 255])[..], "t", 99).unwrap(),
        array![7, 255].into_dyn()
    );
}

#[test]
fn what_is_no_idx_is_an_error_that_says_why() {
    let good = idx(0x0B, &[2, 3], &[7; 12]);
    for end in 0..good.len() {
        let error = read_idx(&good[..end]).unwrap_err();
        let want = if end < 12 { "t: the header cannot be read" } else { "t: ends after" };
        assert!(error.starts_with(want), "{end}: {error}");
    }
    let error = |file: Vec<u8>| read_idx(&file).unwrap_err();
    assert_eq!(
        error([&good[..], &[0]].concat()),
        "t: has bytes after the 12 that the header declares"
    );
    assert_eq!(error(idx(0x0A, &[1], &[0])), "t: is not IDX: 0x0a is no type of element");
    assert_eq!(error(idx(8, &[], &[0])), "t: has 0 axes; 1 to 4 are supported");
    assert_eq!(error(idx(8, &[1; 5], &[0])), "t: has 5 axes; 1 to 4 are supported");
    assert_eq!(error(vec![0, 1, 8, 1, 0, 0, 0, 0]), "t: is not IDX: the first two bytes are not 0");
    assert!(error(idx(8, &[u32::MAX; 4], &[0])).ends_with("the limit is 1048576 bytes"));
    let fraction = idx(0x0D, &[1], &0.5_f32.to_be_bytes());
    let error = read_idx_from::<usize>(&fraction[..], "t", 99).unwrap_err().to_string();
    assert_eq!(error, "t: element 0 is 0.5, which no usize can be");
}

/// Everything a byte of a file may be changed to or cut off at: reading must say no, or give something of the declared shape.
fn survives_damage(file: &[u8], read: impl Fn(&[u8]) + std::panic::RefUnwindSafe) {
    for end in 0..=file.len() {
        assert!(catch_unwind(|| read(&file[..end])).is_ok(), "cut at {end}");
    }
    for at in 0..file.len() {
        for byte in 0..=255 {
            let mut damaged = file.to_vec();
            damaged[at] = byte;
            assert!(catch_unwind(|| read(&damaged)).is_ok(), "byte {at} is {byte}");
        }
    }
}

#[test]
fn no_damage_to_an_idx_file_is_fatal() {
    let file = idx(0x0B, &[2, 3], &[7; 12]);
    let read = |file: &[u8]| {
        if let Ok(array) = read_idx(file) {
            assert_eq!(array.len(), array.shape().iter().product::<usize>());
        }
        let _ = read_idx_from::<usize>(file, "t", 1 << 20);
    };
    survives_damage(&file, read);
    survives_damage(&gzip(&file), read);
}

#[test]
fn every_damage_to_the_content_of_a_compressed_file_is_found() {
    let file = gzip(&idx(8, &[40], &(0..40_u32).map(|i| (7 * i % 251) as u8).collect::<Vec<u8>>()));
    let whole = read_idx(&file).unwrap();
    // The ten bytes of gzip's own header say when the file was made, and the like.
    for at in 10..file.len() {
        for bit in 0..8 {
            let mut damaged = file.clone();
            damaged[at] ^= 1 << bit;
            let read = read_idx(&damaged);
            assert!(read.is_err() || read.as_ref() == Ok(&whole), "byte {at}, bit {bit}");
        }
    }
    for end in 0..file.len() {
        assert!(read_idx(&file[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn no_damage_to_a_csv_file_is_fatal() {
    let file = b"a,\"b c\",y\n1,2.5,\"x\"\n-3e4,0,z\r\n";
    let read = |file: &[u8]| {
        for targets in [
            CsvTargets::None,
            CsvTargets::classes("y"),
            CsvTargets::value(0),
            CsvTargets::classes(2),
        ] {
            for has_header in [true, false] {
                let options =
                    CsvOptions { has_header, targets: targets.clone(), ..CsvOptions::default() };
                if let Ok(table) = csv(file, &options) {
                    assert!(!table.columns.is_empty() && !table.data.is_empty());
                }
            }
        }
    };
    survives_damage(file, read);
    survives_damage(&gzip(file), read);
}

#[test]
fn any_delimiter_and_any_limit_will_do() {
    for delimiter in 0..=255 {
        for limit in [0, 1, 10, u64::MAX] {
            for text in ["", "a", "\"", "a,b\n1,2\n", "\"\n\",\r\r\n\0"] {
                let options = CsvOptions { delimiter, limit, ..CsvOptions::default() };
                assert!(
                    catch_unwind(|| csv(text, &options).is_ok()).is_ok(),
                    "{delimiter} {text:?}"
                );
            }
        }
    }
    for limit in [0, 1, 12, u64::MAX] {
        let file = idx(8, &[0, 4], &[]);
        assert!(read_idx_from::<u8>(&file[..], "t", limit).is_ok()); // an array of nothing
    }
}

//! Tables of comma-separated values.

use std::collections::HashMap;
use std::fmt;
use std::io::Read;
use std::path::Path;

use csv::{ReaderBuilder, StringRecord, Trim};
use ndarray::{Array1, Array2};

use super::bytes::{Bytes, Limited};
use crate::data::{Dataset, IntoTargets, Targets};
use crate::error::Error;
use crate::scalar::Scalar;

/// A column of a table, by its name in the header or by its number, counted from 0.
///
/// ```
/// use downhill::data::Column;
/// assert_eq!(Column::from("price"), Column::Name("price".to_owned()));
/// assert_eq!(Column::from(3), Column::Number(3));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// The column of this name.
    Name(String),
    /// The column at this position.
    Number(usize),
}

impl From<&str> for Column {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<usize> for Column {
    fn from(number: usize) -> Self {
        Self::Number(number)
    }
}

impl fmt::Display for Column {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            Self::Number(number) => write!(f, "{number}"),
        }
    }
}

/// Which columns of a table are the targets.
///
/// ```
/// use downhill::data::{Column, CsvOptions, CsvTargets, read_csv_from};
/// assert_eq!(CsvTargets::value("price"), CsvTargets::Values(vec![Column::from("price")]));
/// let names = Some(vec!["no".to_owned(), "yes".to_owned()]);
/// let targets = CsvTargets::Classes { column: Column::from("ill"), names };
/// let options = CsvOptions { targets, ..CsvOptions::default() };
/// let table = read_csv_from::<f32>("age,ill\n40,yes\n".as_bytes(), "patients", &options)?;
/// assert_eq!(table.data.labels(), Some(ndarray::array![1].into_dyn()));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum CsvTargets {
    /// None: all columns are inputs.
    #[default]
    None,
    /// One column of class names.
    Classes {
        /// The column.
        column: Column,
        /// The names of the classes in the order of their indices, so that two files get the same indices; any other name is an error.
        /// `None` takes the names that the file has, sorted: as numbers if all of them are whole numbers, else as text.
        names: Option<Vec<String>>,
    },
    /// Columns of numbers.
    Values(Vec<Column>),
}

impl CsvTargets {
    /// A column of class names, whatever they are.
    pub fn classes(column: impl Into<Column>) -> Self {
        Self::Classes { column: column.into(), names: None }
    }

    /// One column of numbers.
    pub fn value(column: impl Into<Column>) -> Self {
        Self::Values(vec![column.into()])
    }
}

/// How to read a table.
///
/// ```
/// use downhill::data::{CsvOptions, CsvTargets, read_csv_from};
/// let options = CsvOptions {
///     has_header: false,
///     delimiter: b';',
///     targets: CsvTargets::value(2),
///     ignore: vec![0.into()],
///     ..CsvOptions::default()
/// };
/// let table = read_csv_from::<f64>("a;1.5;3\nb;2.5;4\n".as_bytes(), "table", &options)?;
/// assert_eq!(table.data.inputs(0), Some(ndarray::array![[1.5], [2.5]].into_dyn()));
/// assert_eq!(table.data.values(), Some(ndarray::array![[3.0], [4.0]].into_dyn()));
///
/// let inputs = Some(vec!["width".into(), "length".into()]); // two of three, in this order
/// let options = CsvOptions { inputs, ..CsvOptions::default() };
/// let table = read_csv_from::<f64>("length,width,note\n1,2,new\n".as_bytes(), "table", &options)?;
/// assert_eq!(table.data.inputs(0), Some(ndarray::array![[2.0, 1.0]].into_dyn()));
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CsvOptions {
    /// Whether the first line names the columns. Default: `true`.
    pub has_header: bool,
    /// What stands between cells. Default: a comma.
    pub delimiter: u8,
    /// Which columns are the targets. Default: none.
    pub targets: CsvTargets,
    /// Which columns are the inputs, in this order. Default: `None`, all that are neither targets nor ignored, in the order of the file.
    pub inputs: Option<Vec<Column>>,
    /// Columns to leave out of the inputs. Default: none.
    pub ignore: Vec<Column>,
    /// The most bytes (after decompression) to read. Default: 1 GiB. Numbers may take several times the memory of their digits.
    pub limit: u64,
}

impl Default for CsvOptions {
    fn default() -> Self {
        Self {
            has_header: true,
            delimiter: b',',
            targets: CsvTargets::None,
            inputs: None,
            ignore: Vec::new(),
            limit: 1 << 30,
        }
    }
}

/// What was read from a table.
///
/// ```
/// use downhill::data::{CsvOptions, CsvTargets, read_csv_from};
/// let text = "length,species\n5.1,setosa\n7.0,versicolor\n";
/// let options = CsvOptions { targets: CsvTargets::classes("species"), ..CsvOptions::default() };
/// let table = read_csv_from::<f32>(text.as_bytes(), "flowers", &options)?;
/// assert_eq!(table.columns, ["length"]);
/// assert_eq!(table.classes, ["setosa", "versicolor"]);
/// assert_eq!(table.data.len(), 2);
/// # Ok::<(), downhill::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Table<F> {
    /// The samples: inputs `[rows, columns]`, targets `[rows]` (class indices) or `[rows, target columns]` (numbers).
    pub data: Dataset<F>,
    /// The names of the input columns; their numbers if there is no header.
    pub columns: Vec<String>,
    /// The name of each class; empty if the targets are no classes.
    pub classes: Vec<String>,
}

/// Reads a table of numbers from a CSV file, with class names or numbers as targets. With the feature `gzip` the file may be compressed.
///
/// Cells are trimmed. A cell that should be a number must be a finite one: there is no meaning of an empty cell that would fit all data.
///
/// # Errors
/// [`Error::Read`] naming the file, and the line, column and cell where they are known; [`Error::NoMatch`] for a column that is not there.
///
/// ```no_run
/// use downhill::data::{read_csv, CsvOptions, CsvTargets};
/// let options = CsvOptions { targets: CsvTargets::classes("species"), ..CsvOptions::default() };
/// let table = read_csv::<f32>("iris.csv", &options)?;
/// println!("{} samples of {:?}", table.data.len(), table.classes);
/// # Ok::<(), downhill::Error>(())
/// ```
///
/// A file of two lines, written by hand:
///
/// ```
/// use downhill::data::{read_csv, CsvOptions, CsvTargets};
/// let path = std::env::temp_dir().join(format!("houses-{}.csv", std::process::id()));
/// std::fs::write(&path, "size,price\n50,1.5\n")?;
/// let options = CsvOptions { targets: CsvTargets::value("price"), ..CsvOptions::default() };
/// let table = read_csv::<f32>(&path, &options)?;
/// # std::fs::remove_file(&path)?;
/// assert_eq!(table.data.values(), Some(ndarray::array![[1.5]].into_dyn()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_csv<F: Scalar>(
    path: impl AsRef<Path>,
    options: &CsvOptions,
) -> Result<Table<F>, Error> {
    parse(Bytes::open(path.as_ref())?, options)
}

/// Reads a table from anything. `name` stands for the file in messages.
///
/// # Errors
/// As [`read_csv`].
///
/// ```
/// use downhill::data::{read_csv_from, CsvOptions, CsvTargets};
/// let text = "length,width,species\n5.1,3.5,setosa\n7.0,3.2,versicolor\n5.0,3.6,setosa\n";
/// let options = CsvOptions { targets: CsvTargets::classes("species"), ..CsvOptions::default() };
/// let table = read_csv_from::<f64>(text.as_bytes(), "iris", &options)?;
/// assert_eq!(table.columns, ["length", "width"]);
/// assert_eq!(table.classes, ["setosa", "versicolor"]);
/// assert_eq!(table.data.labels(), Some(ndarray::array![0, 1, 0].into_dyn()));
///
/// let error = read_csv_from::<f64>("a,b\n1,2\n3,x\n".as_bytes(), "t", &CsvOptions::default());
/// assert_eq!(error.map(|_| ()).map_err(|e| e.to_string()),
///     Err("t: line 3, column 1 (`b`): `x` is not a finite number".to_owned()));
/// # Ok::<(), downhill::Error>(())
/// ```
pub fn read_csv_from<F: Scalar>(
    reader: impl Read,
    name: &str,
    options: &CsvOptions,
) -> Result<Table<F>, Error> {
    parse(Bytes::new(reader, name, None)?, options)
}

/// The names of columns, for messages and to look up.
struct Columns<'a> {
    file: &'a str,
    names: Vec<String>,
}

impl Columns<'_> {
    fn find(&self, column: &Column) -> Result<usize, Error> {
        let wanted = column.to_string();
        let missing = || Error::no_match(&wanted, format!("column of {}", self.file), &self.names);
        match column {
            Column::Number(number) if *number < self.names.len() => Ok(*number),
            Column::Number(_) => Err(missing()),
            Column::Name(name) => {
                let mut found = (0..self.names.len()).filter(|&i| self.names[i] == *name);
                match (found.next(), found.next()) {
                    (Some(number), None) => Ok(number),
                    (None, _) => Err(missing()),
                    (Some(first), Some(second)) => Err(Error::read(
                        self.file,
                        format!(
                            "columns {first} and {second} are both called `{name}`: give a number"
                        ),
                    )),
                }
            }
        }
    }

    fn find_all(&self, columns: &[Column]) -> Result<Vec<usize>, Error> {
        columns.iter().map(|column| self.find(column)).collect()
    }

    /// The finite number in a cell.
    fn number<F: Scalar>(&self, record: &StringRecord, column: usize) -> Result<F, Error> {
        let cell = record.get(column).unwrap_or_default();
        // A number that is finite in the file may still be too large for `F`.
        match cell.parse().map(F::of) {
            Ok(value) if value.is_finite() => Ok(value),
            _ => {
                Err(self.bad_cell(record, column, &format!("a finite number{}", range::<F>(cell))))
            }
        }
    }

    fn bad_cell(&self, record: &StringRecord, column: usize, expected: &str) -> Error {
        let line = record.position().map_or(0, csv::Position::line);
        let name = self.names.get(column).map_or("", String::as_str);
        let cell: String = record.get(column).unwrap_or_default().chars().take(40).collect();
        let is = match cell.is_empty() {
            true => format!("the cell is empty; give {expected}, or leave the row or column out"),
            false => format!("`{cell}` is not {expected}"),
        };
        let problem = format!("line {line}, column {column} (`{name}`): {is}");
        Error::read(self.file, problem)
    }
}

/// What to add to a message about a number that only a wider type holds.
fn range<F: Scalar>(cell: &str) -> String {
    match cell.parse::<f64>() {
        Ok(value) if value.is_finite() => format!(" that {} can hold", F::NAME),
        _ => String::new(),
    }
}

fn parse<F: Scalar>(bytes: Bytes<'_>, options: &CsvOptions) -> Result<Table<F>, Error> {
    let file = bytes.name.clone();
    let broken = |error: csv::Error| Error::read(&file, error);
    let mut reader = ReaderBuilder::new()
        .has_headers(options.has_header)
        .delimiter(options.delimiter)
        .trim(Trim::All)
        .from_reader(Limited::new(bytes.reader, options.limit));
    // Without a header this is the first row, which will come again as such.
    let first = reader.headers().map_err(broken)?;
    let names = if options.has_header {
        first.iter().map(str::to_owned).collect()
    } else {
        (0..first.len()).map(|number| number.to_string()).collect()
    };
    let columns = Columns { file: &file, names };

    let (class_column, value_columns) = match &options.targets {
        CsvTargets::None => (None, Vec::new()),
        CsvTargets::Classes { column, .. } => (Some(columns.find(column)?), Vec::new()),
        CsvTargets::Values(wanted) => (None, columns.find_all(wanted)?),
    };
    let ignored = columns.find_all(&options.ignore)?;
    let is_input = |column: &usize| {
        !ignored.contains(column)
            && !value_columns.contains(column)
            && class_column != Some(*column)
    };
    let input_columns = match &options.inputs {
        Some(wanted) => columns.find_all(wanted)?,
        None => (0..columns.names.len()).filter(is_input).collect(),
    };
    if let Some(&twice) = input_columns.iter().find(|column| !is_input(column)) {
        let name = &columns.names[twice];
        let problem =
            format!("column {twice} (`{name}`) cannot be an input and a target or ignored as well");
        return Err(Error::read(&file, problem));
    }

    let (mut inputs, mut values) = (Vec::new(), Vec::new());
    let mut classes = Classes::new(options)?;
    let mut rows = 0;
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(broken)? {
        for &column in &input_columns {
            inputs.push(columns.number(&record, column)?);
        }
        for &column in &value_columns {
            values.push(columns.number(&record, column)?);
        }
        if let Some(column) = class_column {
            let cell = record.get(column).unwrap_or_default();
            classes.add(cell).map_err(|expected| columns.bad_cell(&record, column, &expected))?;
        }
        rows += 1;
    }
    if rows == 0 || input_columns.is_empty() {
        let what = if rows == 0 { "rows" } else { "columns left to be inputs" };
        return Err(Error::read(&file, format!("has no {what}")));
    }

    let shaped = |width: usize, values: Vec<F>| {
        Array2::from_shape_vec((rows, width), values).map_err(|error| Error::read(&file, error))
    };
    let (labels, class_names) = classes.finish();
    let targets = match &options.targets {
        CsvTargets::None => Targets::None,
        CsvTargets::Classes { .. } => Array1::from_vec(labels).into_targets(),
        CsvTargets::Values(_) => shaped(value_columns.len(), values)?.into_targets(),
    };
    Ok(Table {
        data: Dataset::new(shaped(input_columns.len(), inputs)?, targets)?,
        columns: input_columns.iter().map(|&column| columns.names[column].clone()).collect(),
        classes: class_names,
    })
}

/// Class names and the labels so far.
struct Classes {
    /// The label of each name.
    index: HashMap<String, usize>,
    /// The names that were given, so that no other may come.
    given: Option<Vec<String>>,
    labels: Vec<usize>,
}

impl Classes {
    fn new(options: &CsvOptions) -> Result<Self, Error> {
        let given = match &options.targets {
            CsvTargets::Classes { names, .. } => names.clone(),
            _ => None,
        };
        let mut index = HashMap::new();
        for (label, name) in given.iter().flatten().enumerate() {
            if index.insert(name.clone(), label).is_some() {
                let argument = "CsvTargets::Classes::names";
                return Err(Error::argument(argument, format!("`{name}` twice"), "each name once"));
            }
        }
        Ok(Self { index, given, labels: Vec::new() })
    }

    fn add(&mut self, name: &str) -> Result<(), String> {
        let label = match (self.index.get(name), &self.given) {
            (Some(&label), _) => label,
            (None, Some(names)) => return Err(format!("one of the classes {names:?}")),
            (None, None) if name.is_empty() => return Err("the name of a class".to_owned()),
            (None, None) => {
                let label = self.index.len();
                self.index.insert(name.to_owned(), label);
                label
            }
        };
        self.labels.push(label);
        Ok(())
    }

    /// The labels and the names they stand for, sorted unless they were given.
    fn finish(self) -> (Vec<usize>, Vec<String>) {
        if let Some(names) = self.given {
            return (self.labels, names);
        }
        let mut names: Vec<(String, usize)> = self.index.into_iter().collect();
        // By text first, which decides between equal numbers such as 1 and 01.
        names.sort();
        if names.iter().all(|(name, _)| name.parse::<i64>().is_ok()) {
            names.sort_by_key(|(name, _)| name.parse::<i64>().unwrap_or_default());
        }
        let mut rank = vec![0; names.len()];
        names.iter().enumerate().for_each(|(new, (_, old))| rank[*old] = new);
        let labels = self.labels.iter().map(|&label| rank[label]).collect();
        (labels, names.into_iter().map(|(name, _)| name).collect())
    }
}

//! The modules import each other as the picture in DESIGN.md shows.

mod source_files;

use std::collections::{BTreeMap, BTreeSet};

use source_files::{Source, identifier, list, sources};

/// Files that name things for users: they import from everywhere and are in no picture.
const FRONTS: [&str; 2] = ["src/lib.rs", "src/prelude.rs"];

/// What the table calls all modules.
const ANY: &str = "any";

/// The picture of the modules in DESIGN.md, and the table of their imports.
struct Picture {
    /// The row of each module, counted from the top.
    rows: BTreeMap<String, usize>,
    /// Neighbours in a row that import each other, each from left to right.
    pairs: Vec<[String; 2]>,
    /// Who imports what.
    imports: BTreeSet<[String; 2]>,
}

impl Picture {
    fn read(text: &str) -> Self {
        let (_, section) = text.split_once("\n## The picture\n").expect("a picture");
        let section = section.split("\n## ").next().unwrap();
        let (mut rows, mut pairs) = (BTreeMap::new(), Vec::new());
        let drawing = section.split("```").nth(1).unwrap_or_default();
        for (row, line) in drawing.lines().skip(1).enumerate() {
            let words: Vec<&str> = line.split_whitespace().skip(1).collect();
            for three in words.windows(3).filter(|three| three[1] == "⇄") {
                pairs.push([three[0], three[2]].map(str::to_owned));
            }
            rows.extend(
                words.iter().filter(|&&word| word != "⇄").map(|&word| (word.to_owned(), row)),
            );
        }
        let mut imports = BTreeSet::new();
        for line in section.lines().filter(|line| line.starts_with('|')) {
            let cells: Vec<&str> = line.trim_matches('|').split('|').collect();
            let mut from = quoted(cells[0]);
            if cells[0].trim() == ANY {
                from.push(ANY);
            }
            for from in from {
                imports.extend(quoted(cells[1]).iter().map(|&to| [from, to].map(str::to_owned)));
            }
        }
        Self { rows, pairs, imports }
    }

    fn of_the_design() -> Self {
        Self::read(include_str!("../DESIGN.md"))
    }

    /// Whether the table has this import.
    fn has(&self, from: &str, to: &str) -> bool {
        [from, ANY].iter().any(|&from| self.imports.contains(&[from, to].map(str::to_owned)))
    }

    /// Whether this import goes up, or to a neighbour that it may go to.
    fn allows(&self, from: &str, to: &str) -> bool {
        let neighbours = |pair: &[String; 2]| pair == &[from, to] || pair == &[to, from];
        match (self.rows.get(from), self.rows.get(to)) {
            (Some(below), Some(above)) => above < below || self.pairs.iter().any(neighbours),
            _ => false,
        }
    }
}

/// The words between backticks.
fn quoted(cell: &str) -> Vec<&str> {
    cell.split('`').skip(1).step_by(2).collect()
}

/// The names of a file's place: `src/layer/plan/add.rs` is `layer`, `plan`, `add`.
fn place(file: &str) -> Vec<&str> {
    let mut names: Vec<&str> =
        file.trim_start_matches("src/").trim_end_matches(".rs").split('/').collect();
    if names.last() == Some(&"mod") {
        names.pop();
    }
    names
}

/// The lines that are compiled into the library, with their numbers: no comments and no tests. The source is formatted, so that indentation tells where
/// a module of tests ends.
fn code(text: &str) -> Vec<(usize, &str)> {
    let (mut found, mut test, mut end) = (Vec::new(), false, None);
    for (number, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let opens = line.trim_start().starts_with("mod ") && line.ends_with('{');
        if test && opens {
            end = Some(indent);
        }
        test = line.trim() == "#[cfg(test)]";
        if end.is_none() {
            found.push((number + 1, line.split("//").next().unwrap_or_default()));
        } else if line.trim() == "}" && end == Some(indent) {
            end = None;
        }
    }
    found
}

/// What follows each path from the root in a line: after `crate::`, but not after the `$crate::` of a macro, which is for its users; and after as many
/// `super::` as lead there from a file this deep.
fn names(line: &str, depth: usize) -> Vec<&str> {
    let up = "super::".repeat(depth);
    let mut found = Vec::new();
    for root in ["crate::", &up] {
        for (at, _) in line.match_indices(root) {
            let alone = !line[..at].ends_with(|c: char| c.is_alphanumeric() || "_$:".contains(c));
            let rest = &line[at + root.len()..];
            found.extend(alone.then(|| identifier(rest).unwrap_or(rest)));
        }
    }
    found
}

/// An import: the file and line, the module that the file belongs to, and what it imports.
struct Import {
    place: String,
    from: String,
    to: String,
}

/// What these files import from other modules of the crate. A macro belongs to the module where it is written, wherever it is exported.
fn imports(sources: &[Source]) -> Vec<Import> {
    let mut macros = BTreeMap::new();
    for source in sources {
        for (_, line) in code(&source.text) {
            let name = line.trim_start().strip_prefix("macro_rules! ").and_then(identifier);
            macros.extend(name.map(|name| (name, place(&source.file)[0])));
        }
    }
    let mut found = Vec::new();
    for source in sources.iter().filter(|source| !FRONTS.contains(&source.file.as_str())) {
        let place = place(&source.file);
        for (number, line) in code(&source.text) {
            for name in names(line, place.len()) {
                let to = macros.get(name).copied().unwrap_or(name);
                if to != place[0] {
                    let (from, to) = (place[0].to_owned(), to.to_owned());
                    found.push(Import { place: format!("{}:{number}", source.file), from, to });
                }
            }
        }
    }
    found
}

/// The modules of the crate's root.
fn modules(sources: &[Source]) -> BTreeSet<String> {
    let files = sources.iter().map(|source| source.file.as_str());
    let inside = files.filter(|file| !FRONTS.contains(file));
    inside.map(|file| place(file)[0].to_owned()).collect()
}

#[test]
fn the_picture_has_every_module() {
    let (picture, modules) = (Picture::of_the_design(), modules(&sources()));
    let drawn: BTreeSet<String> = picture.rows.keys().cloned().collect();
    let differences: Vec<_> = drawn.symmetric_difference(&modules).cloned().collect();
    list("modules are in the picture or in src/, but not in both", &differences);
}

#[test]
fn every_import_is_in_the_table() {
    let picture = Picture::of_the_design();
    let mut found = imports(&sources());
    found.retain(|import| !picture.has(&import.from, &import.to));
    let found: Vec<_> = found.iter().map(|i| format!("{}: crate::{}", i.place, i.to)).collect();
    list("imports are not in the table (a path names the module that it begins with)", &found);
}

#[test]
fn every_import_goes_up() {
    let picture = Picture::of_the_design();
    let mut found = imports(&sources());
    found.retain(|import| !picture.allows(&import.from, &import.to));
    let found: Vec<_> = found.iter().map(|i| format!("{}: crate::{}", i.place, i.to)).collect();
    list("imports go to the module's own row or to one below", &found);
}

#[test]
fn every_entry_of_the_table_is_an_import() {
    let (picture, found) = (Picture::of_the_design(), imports(&sources()));
    let used = |[from, to]: &&[String; 2]| {
        found.iter().any(|import| &import.to == to && (from == ANY || &import.from == from))
    };
    let idle = picture.imports.iter().filter(|entry| !used(entry));
    let idle: Vec<_> = idle.map(|[from, to]| format!("{from} imports {to}")).collect();
    list("entries of the table are the import of no file", &idle);
}

#[test]
fn the_reader_sees_what_it_should() {
    let picture = Picture::read(
        "
## The picture

```text
    1    a    b ⇄ c
    2    d
```

| module | imports |
|---|---|
| any | `a` |
| `b`, `c` | `d` |

## Why?

| `d` | `b` |
",
    );
    let rows: Vec<_> = picture.rows.iter().map(|(name, row)| (name.as_str(), *row)).collect();
    assert_eq!(rows, [("a", 0), ("b", 0), ("c", 0), ("d", 1)]);
    assert_eq!(picture.imports.len(), 3);
    assert!(picture.has("d", "a") && picture.has("b", "d") && !picture.has("d", "b"));
    assert!(picture.allows("d", "a") && picture.allows("b", "c") && picture.allows("c", "b"));
    assert!(!picture.allows("a", "d") && !picture.allows("a", "b") && !picture.allows("d", "e"));

    let text = "
//! See [`b`](crate::nothing).
use crate::d::{E, F}; // as crate::nothing does
pub(in crate::b) fn g() -> crate::e::H {
    $crate::nothing::h!();
    super::super::c::i();
    super::inner::i();
    crate::made!()
}

#[cfg(test)]
mod tests {
    use crate::nothing::I;
}

use crate::{k, l};
";
    let source = |file: &str, text: &str| Source { file: file.to_owned(), text: text.to_owned() };
    let macros = source("src/m/macros.rs", "macro_rules! made {}\n");
    let found = imports(&[source("src/b/inner.rs", text), macros, source("src/lib.rs", text)]);
    assert!(found.iter().all(|import| import.from == "b"));
    let seen: Vec<_> = found.iter().map(|i| (i.place.as_str(), i.to.as_str())).collect();
    let at = ["src/b/inner.rs:3", "src/b/inner.rs:4", "src/b/inner.rs:6", "src/b/inner.rs:8"];
    assert_eq!(seen[..4], [(at[0], "d"), (at[1], "e"), (at[2], "c"), (at[3], "m")]);
    assert_eq!(seen[4..], [("src/b/inner.rs:16", "{k, l};")]);
    assert_eq!(place("src/layer/mod.rs"), ["layer"]);
    assert!(imports(&sources()).len() > 500);
}

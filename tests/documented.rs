//! Every public item has an example that runs and asserts something.

mod source_files;

use source_files::{Source, identifier, list, sources};

/// Modules that users do not see as such: hidden, or documented by a test of their own.
const PASSED_OVER: [&str; 2] = ["src/kernel", "src/check"];

/// Types whose inherent methods need an example each; for all others the type's example is enough.
const CENTRAL: [&str; 12] = [
    "Trainer",
    "TrainerBuilder",
    "Fit",
    "Dataset",
    "Model",
    "Workspace",
    "Chain",
    "Plan",
    "Run",
    "History",
    "EpochRecord",
    "Evaluation",
];

/// Items without an example of their own: file, name, reason.
const ALLOWED: [(&str, &str, &str); 2] = [
    (
        "src/layer/plan/memory.rs",
        "Plan::scratch_once",
        "used as `Plan::scratch`, whose example shows how",
    ),
    (
        "src/layer/upsample.rs",
        "Interpolation",
        "the choices of `Upsample`, whose examples use both",
    ),
];

/// A public item with its documentation.
struct Item {
    file: String,
    name: String,
    docs: Vec<String>,
}

impl Item {
    fn place(&self) -> String {
        format!("{}: {}", self.file, self.name)
    }

    /// The code blocks that are compiled and run.
    fn examples(&self) -> Vec<String> {
        let (mut found, mut open) = (Vec::new(), None);
        for line in &self.docs {
            match (line.trim().strip_prefix("```"), &mut open) {
                (Some(info), None) => {
                    let words = info.split(',').map(str::trim);
                    let runs = words.into_iter().all(|word| matches!(word, "" | "rust"));
                    open = Some((runs, String::new()));
                }
                (Some(_), Some(_)) => {
                    found.extend(open.take().filter(|(runs, _)| *runs).map(|(_, code)| code));
                }
                (None, Some((_, code))) => *code += &format!("{line}\n"),
                (None, None) => {}
            }
        }
        found
    }
}

/// The kind and name of the item that a line declares; `None` unless it is `pub` without a restriction.
fn declared(line: &str) -> Option<(&str, &str)> {
    let mut rest = line.strip_prefix("pub ")?;
    for qualifier in ["unsafe ", "async "] {
        rest = rest.strip_prefix(qualifier).unwrap_or(rest);
    }
    rest = rest.strip_prefix("const fn ").map_or(rest, |_| &rest["const ".len()..]);
    let (kind, name) = rest.split_once(' ')?;
    let wanted = ["struct", "enum", "union", "trait", "fn", "const", "static", "type"];
    // Inside a macro the name is a variable; its users write the documentation.
    Some((kind, identifier(name)?)).filter(|_| wanted.contains(&kind))
}

/// The type that an inherent `impl` line is about.
fn implemented(line: &str) -> Option<&str> {
    let rest = line.strip_prefix("impl").filter(|rest| rest.starts_with([' ', '<']))?;
    if rest.contains(" for ") {
        return None;
    }
    let mut depth = 0;
    let start = rest.char_indices().find_map(|(at, c)| {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => return (depth == 0 && c.is_alphabetic()).then_some(at),
        }
        None
    })?;
    identifier(&rest[start..])
}

/// The public items of a file. The source is formatted, so that indentation tells items from members.
fn items(file: &str, source: &str) -> Vec<Item> {
    let (mut found, mut docs, mut block) = (Vec::new(), Vec::new(), None);
    let (mut in_attribute, mut in_public_module) = (false, false);
    for line in source.lines() {
        let (trimmed, indent) = (line.trim(), line.len() - line.trim_start().len());
        if let Some(doc) = trimmed.strip_prefix("///") {
            docs.push(doc.to_owned());
            continue;
        }
        if in_attribute || trimmed.starts_with("#[") {
            in_attribute = !trimmed.ends_with(']');
            continue;
        }
        if indent == 0 {
            if !trimmed.is_empty() && !trimmed.starts_with(['}', ')']) {
                block = implemented(line);
                in_public_module = trimmed.starts_with("pub mod ") && trimmed.ends_with('{');
            }
            if trimmed == "mod tests {" {
                break;
            }
        }
        let hidden = docs.iter().any(|doc: &String| doc.contains("#[doc(hidden)]"));
        if let Some((kind, name)) = declared(trimmed).filter(|_| !hidden) {
            let central = block.filter(|block| CENTRAL.contains(block));
            let name = match (indent, central) {
                (0, _) => Some(name.to_owned()),
                (4, Some(block)) if kind == "fn" => Some(format!("{block}::{name}")),
                (4, None) if in_public_module => Some(name.to_owned()),
                _ => None,
            };
            let docs = std::mem::take(&mut docs);
            found.extend(name.map(|name| Item { file: file.to_owned(), name, docs }));
        }
        docs.clear();
    }
    found
}

fn all_items() -> Vec<Item> {
    let seen = |source: &Source| {
        !PASSED_OVER.iter().any(|folder| source.file.starts_with(&format!("{folder}/")))
    };
    let seen = sources().into_iter().filter(seen);
    seen.flat_map(|source| items(&source.file, &source.text)).collect()
}

fn allowed(item: &Item) -> bool {
    ALLOWED.iter().any(|(file, name, _)| *file == item.file && *name == item.name)
}

#[test]
fn every_public_item_has_an_example_that_runs() {
    let items = all_items();
    let missing = items.iter().filter(|item| !allowed(item) && item.examples().is_empty());
    list("public items have no example that runs", &missing.map(Item::place).collect::<Vec<_>>());
}

#[test]
fn every_example_asserts_something() {
    let items = all_items();
    // A block that only has to compile still shows what comes of it: one assertion, hidden or not.
    let says_nothing = |item: &&Item| item.examples().iter().any(|code| !code.contains("assert"));
    let idle = items.iter().filter(says_nothing);
    list("items have an example that asserts nothing", &idle.map(Item::place).collect::<Vec<_>>());
}

#[test]
fn no_example_is_ignored() {
    let ignored = |source: &Source| {
        let mut fences = source.text.lines().filter_map(|line| line.trim().split_once("```"));
        fences.any(|(before, info)| before.starts_with("//") && info.contains("ignore"))
    };
    let ignored: Vec<_> = sources().into_iter().filter(ignored).map(|source| source.file).collect();
    list("files have an example that is ignored", &ignored);
}

#[test]
fn the_list_of_exceptions_is_short_and_current() {
    assert!(ALLOWED.len() <= 10);
    let items = all_items();
    for (file, name, reason) in ALLOWED {
        assert!(!reason.is_empty());
        let used =
            |item: &Item| item.file == file && item.name == name && item.examples().is_empty();
        assert!(items.iter().any(used), "{file}: {name} needs no exception any more");
    }
}

#[test]
fn the_reader_sees_what_it_should() {
    let source = "
/// Documented.
///
/// ```
/// assert!(true);
/// ```
#[derive(
    Debug,
)]
pub struct Seen;

/// Shown, and not run.
///
/// ```text
/// nothing
/// ```
pub(crate) struct Inner;

/// ```no_run
/// let a = 1;
/// ```
pub const fn shown() {}

impl<'a, F: Into<Vec<F>>> Model<F> {
    /// Nothing.
    pub fn method(&self) {}

    fn private(&self) {}
}

impl<F> Other<F> {
    pub fn method(&self) {}
}

impl<F> Clone for Model<F> {
    pub fn method(&self) {}
}

pub mod inner {
    pub fn inside() {}
}
";
    let items = items("a.rs", source);
    let names: Vec<_> = items.iter().map(|item| item.name.as_str()).collect();
    assert_eq!(names, ["Seen", "shown", "Model::method", "inside"]);
    assert_eq!(items.iter().map(|item| item.examples().len()).collect::<Vec<_>>(), [1, 0, 0, 0]);
    assert!(all_items().len() > 300);
}

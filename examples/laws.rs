//! All laws of the test kit, by trait.
//!
//! ```text
//! cargo run --example laws
//! ```
//!
//! Prints the name and the sentence of each law; the last line is `laws: N`, where N is 140 or more.

use downhill::check;

fn main() {
    let all = check::all();
    let mut of = "";
    for entry in &all {
        if entry.of != of {
            of = entry.of;
            println!("{of}");
        }
        println!("  {:<44} {}", entry.law, entry.says);
    }
    println!("laws: {}", all.len());
}

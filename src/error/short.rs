//! Long numbers in few characters.

/// The text of a number with more digits than anyone reads, such as that of 1e308, in scientific notation; any other text as it is.
pub(super) fn short(text: String) -> String {
    if text.len() > 24 { scientific(&text).unwrap_or(text) } else { text }
}

/// A decimal number in scientific notation; `None` for 0 and what is no number. By its figures: to parse it would add the parser to every program.
fn scientific(text: &str) -> Option<String> {
    let (sign, number) = text.strip_prefix('-').map_or(("", text), |number| ("-", number));
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let figures = [whole, fraction].concat();
    if !figures.bytes().all(|figure| figure.is_ascii_digit()) {
        return None;
    }
    let zeros = figures.find(|figure| figure != '0')?;
    let exponent = whole.len() as i64 - 1 - zeros as i64;
    let (first, rest) = figures[zeros..].trim_end_matches('0').split_at(1);
    let point = if rest.is_empty() { "" } else { "." };
    Some(format!("{sign}{first}{point}{rest}e{exponent}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_numbers_are_written_as_the_standard_library_does() {
        for number in [1e308, -1.5e-300, f64::MAX, f64::MIN_POSITIVE, 5e-324, -1e24, 1e-23] {
            let text = number.to_string();
            assert!(text.len() > 24, "{text}");
            assert_eq!(short(text), format!("{number:e}"));
        }
        for text in ["0.0000000000000000000000000000", "1e-3 and something behind it", "12", ""] {
            assert_eq!(short(text.to_owned()), text);
        }
    }
}

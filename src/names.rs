//! What a type is called in messages and paths.

/// `downhill::layer::Dense<f32>` becomes `dense`.
pub(crate) fn snake_case(type_name: &str) -> String {
    let plain = type_name.split('<').next().unwrap_or_default();
    let short = plain.rsplit("::").next().unwrap_or_default();
    let mut name = String::with_capacity(short.len() + 2);
    for (i, c) in short.chars().enumerate() {
        if c.is_uppercase() && i > 0 {
            name.push('_');
        }
        name.extend(c.to_lowercase());
    }
    name
}

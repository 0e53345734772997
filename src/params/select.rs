//! Which parameters are meant.

use super::{Parameter, Role};

/// Which parameters are meant: all, those whose path fits a pattern, those of a role, or both.
///
/// A pattern is compared with the whole path, such as `"2.dense.weight"`; `*` stands for any characters (dots included) and `?` for one.
///
/// ```
/// use downhill::params::{Role, Select};
/// let biases = Select::from("encoder.*").role(Role::Bias);
/// assert!(biases.matches("encoder.0.dense.bias", Role::Bias));
/// assert!(!biases.matches("encoder.0.dense.weight", Role::Weight));
/// assert!(!biases.matches("head.bias", Role::Bias));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Select {
    pattern: String,
    role: Option<Role>,
    decaying_only: bool,
}

impl Select {
    /// Every parameter.
    pub fn all() -> Self {
        Self { pattern: "*".to_owned(), role: None, decaying_only: false }
    }

    /// The parameters that decay by default: those whose role is [`Role::Weight`].
    pub fn decaying() -> Self {
        Self { decaying_only: true, ..Self::all() }
    }

    /// Only those of this role.
    #[must_use]
    pub fn role(self, role: Role) -> Self {
        Self { role: Some(role), ..self }
    }

    /// Whether a parameter of this path and role is meant.
    pub fn matches(&self, path: &str, role: Role) -> bool {
        self.role.is_none_or(|wanted| wanted == role)
            && (!self.decaying_only || role.decays())
            && fits(self.pattern.as_bytes(), path.as_bytes())
    }

    /// Whether `parameter` is meant.
    pub fn contains(&self, parameter: &Parameter) -> bool {
        self.matches(parameter.path(), parameter.role())
    }
}

impl std::fmt::Display for Select {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.role {
            Some(role) => write!(f, "{} ({role})", self.pattern),
            None => f.write_str(&self.pattern),
        }
    }
}

impl From<&str> for Select {
    fn from(pattern: &str) -> Self {
        Self { pattern: pattern.to_owned(), ..Self::all() }
    }
}

impl From<Role> for Select {
    fn from(role: Role) -> Self {
        Self::all().role(role)
    }
}

/// Wildcard match that goes back to the last star only, so it takes at most pattern × text comparisons.
fn fits(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        if pattern.get(p) == Some(&b'*') {
            star = Some((p, t));
            p += 1;
        } else if pattern.get(p).is_some_and(|&c| c == b'?' || c == text[t]) {
            p += 1;
            t += 1;
        } else if let Some((star_p, star_t)) = star {
            star = Some((star_p, star_t + 1));
            p = star_p + 1;
            t = star_t + 1;
        } else {
            return false;
        }
    }
    pattern[p..].iter().all(|&c| c == b'*')
}

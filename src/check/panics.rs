//! Panics of a subject, as findings.

use std::cell::{Cell, RefCell};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use super::{Verdict, broken};

thread_local! {
    static LISTENING: Cell<bool> = const { Cell::new(false) };
    static HEARD: RefCell<Option<String>> = const { RefCell::new(None) };
}

/// Runs a check; a panic in it is a broken law.
pub(super) fn caught(check: impl FnOnce() -> Verdict) -> Verdict {
    listen();
    LISTENING.set(true);
    // Nothing that the check has touched is looked at again: the next case starts afresh.
    let verdict = catch_unwind(AssertUnwindSafe(check));
    LISTENING.set(false);
    verdict.unwrap_or_else(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        let text = text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_default();
        let heard = HEARD.take().unwrap_or(text);
        broken("the run", "no panic", format_args!("a panic {heard}"))
    })
}

/// While a case is shrunk the same panic happens hundreds of times. On threads that run a check it is noted instead of printed, with its place.
fn listen() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if !LISTENING.get() {
                return before(panic);
            }
            let place = panic.location().map(|at| format!("at {at}: ")).unwrap_or_default();
            let payload = panic.payload();
            let text = payload.downcast_ref::<&str>().copied();
            let text = text.or_else(|| payload.downcast_ref::<String>().map(String::as_str));
            HEARD.set(Some(format!("{place}{}", text.unwrap_or_default())));
        }));
    });
}

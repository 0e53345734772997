//! Counts what is allocated.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

struct Counting;

static COUNT: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call is handed on to the system's allocator as it came.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::SeqCst);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        COUNT.fetch_add(1, Ordering::SeqCst);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

/// How often anything was allocated so far, by any thread.
pub fn allocations() -> usize {
    COUNT.load(Ordering::SeqCst)
}

/// Runs `test` as the `main` of a process of its own, in which nothing else allocates: the usual harness has a thread that does, whenever it comes to it.
pub fn alone(name: &str, test: fn()) {
    if std::env::args().any(|argument| argument == "--list") {
        println!("{name}: test");
        return;
    }
    test();
    println!("test {name} ... ok");
}

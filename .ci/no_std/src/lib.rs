//! Shows that a node's floors need an allocator and nothing else: this links, or it does not.
#![no_std]
extern crate alloc;

use core::alloc::{GlobalAlloc, Layout};
use core::panic::PanicInfo;
use isonomy_crypto::{Domain, Hash};
use isonomy_node::{Input, Node, Output};
use isonomy_types::Now;

/// There is no memory here: linking is all that is shown.
struct Nothing;

// SAFETY: returning null is how an allocator says that it has no memory.
unsafe impl GlobalAlloc for Nothing {
    unsafe fn alloc(&self, _: Layout) -> *mut u8 {
        core::ptr::null_mut()
    }
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

#[global_allocator]
static NOTHING: Nothing = Nothing;

#[panic_handler]
fn panic(_: &PanicInfo<'_>) -> ! {
    loop {}
}

/// One turn of the machine, so that all of it is linked.
pub fn turn(node: &mut Node, now: Now, input: Input) -> (Hash, Option<Output>) {
    node.handle(now, input);
    (Domain::new("isonomy no_std").hash(b""), node.poll())
}

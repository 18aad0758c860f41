// Package stack makes the stack of a goroutine large while little is on it.
//
// A stack begins with 2 KiB and is copied into twice the space whenever a call does
// not fit. That reads the tables of every function that is on it, which lie in as many
// places of the program's file, and the kernel maps 64 KiB around each place: stacks
// that grew deep inside net/http and inside a dial had 1.3 of the 14.8 MiB of an idle
// server mapped. So whoever knows that he will go deep says so where he begins, and is
// copied once, with a function or two. Who has the space already pays for a call.
package stack

import "runtime"

// The goroutine that initialises packages runs main afterwards, and took 16 KiB in any
// case. A package that imports nothing but runtime is initialised before nearly all
// others: where imports do not say otherwise they are in the order of their paths.
func init() { Reserve16K() }

// never is false. The compiler does not know, and leaves the room it would take in the
// frame, which is what a stack has to be large enough for; nobody writes into it.
var never bool

// Reserve4K makes the stack of the goroutine 4 KiB at least.
//
//go:noinline
func Reserve4K() {
	if never {
		var room [3 << 9]byte
		runtime.KeepAlive(&room)
	}
}

// Reserve16K makes the stack of the goroutine 16 KiB at least.
//
//go:noinline
func Reserve16K() {
	if never {
		var room [8 << 10]byte
		runtime.KeepAlive(&room)
	}
}

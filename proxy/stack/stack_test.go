package stack

import (
	"runtime"
	"runtime/debug"
	"testing"
	"unsafe"
)

// moves reports whether the stack of a new goroutine is copied while use runs after
// reserve: whether what is on it lies elsewhere then.
func moves(reserve, use func()) bool {
	moved := make(chan bool)
	go func() {
		reserve()
		var here byte
		before := uintptr(unsafe.Pointer(&here))
		use()
		moved <- before != uintptr(unsafe.Pointer(&here))
	}()
	return <-moved
}

//go:noinline
func use2K() {
	var b [2 << 10]byte
	runtime.KeepAlive(&b)
}

//go:noinline
func use12K() {
	var b [12 << 10]byte
	runtime.KeepAlive(&b)
}

// TestReservedStackIsNotCopied: what fits into the room goes without another copy, and
// not without the room, and not if it is larger.
func TestReservedStackIsNotCopied(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1)) // a collection makes stacks smaller
	nothing := func() {}
	for _, row := range []struct {
		name         string
		reserve, use func()
		moves        bool
	}{
		{"nothing, 2K", nothing, use2K, runtime.GOOS != "windows"}, // stacks begin with 8K there
		{"4K, 2K", Reserve4K, use2K, false},
		{"4K, 12K", Reserve4K, use12K, true},
		{"16K, 12K", Reserve16K, use12K, false},
		{"16K after 4K, 12K", func() { Reserve4K(); Reserve16K() }, use12K, false},
	} {
		if got := moves(row.reserve, row.use); got != row.moves {
			t.Errorf("%s: the stack was copied: %t, want %t", row.name, got, row.moves)
		}
	}
}

// What a miss pays on a connection that had one before.
func BenchmarkReserveAgain(b *testing.B) {
	for b.Loop() {
		Reserve16K()
	}
}

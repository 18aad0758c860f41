//go:build !race

package front

import (
	"syscall"
	"unsafe"
)

// rawCall reads or writes without telling the scheduler.
func rawCall(trap uintptr, fd int, p []byte) (int, syscall.Errno) {
	for {
		n, _, err := syscall.RawSyscall(trap, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
		if err != syscall.EINTR {
			return int(n), err
		}
	}
}

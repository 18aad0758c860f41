//go:build race

package front

import "syscall"

// rawCall tells the race detector, as the standard library does, that what was done
// before a write was done before a read: tests rely on that.
func rawCall(trap uintptr, fd int, p []byte) (n int, errno syscall.Errno) {
	call := syscall.Read
	if trap == syscall.SYS_WRITE {
		call = syscall.Write
	}
	for {
		n, err := call(fd, p)
		if err == nil {
			return n, 0
		}
		if errno = err.(syscall.Errno); errno != syscall.EINTR {
			return -1, errno
		}
	}
}

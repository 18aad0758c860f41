//go:build unix

package origin

import "syscall"

// quiet reports whether a socket is open and has nothing to read.
func quiet(raw syscall.RawConn) bool {
	open := false
	err := raw.Read(func(fd uintptr) bool {
		var b [1]byte
		_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
		open = err == syscall.EAGAIN || err == syscall.EWOULDBLOCK
		return true
	})
	return err == nil && open
}

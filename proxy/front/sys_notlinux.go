//go:build unix && !linux

package front

import "syscall"

// readSocket reads what is there; EAGAIN: nothing.
func readSocket(fd int, p []byte) (int, error) {
	for {
		n, err := syscall.Read(fd, p)
		if err != syscall.EINTR {
			return n, err
		}
	}
}

// writeSocket writes as much as goes at once. Nearly always that is all, and then
// nobody needs a deadline.
func writeSocket(fd int, p []byte) int {
	for {
		n, err := syscall.Write(fd, p)
		if err != syscall.EINTR {
			return max(n, 0)
		}
	}
}

// vectors are not used here.
type vectors struct{}

// writeSocketBoth sends a only.
func writeSocketBoth(fd int, v *vectors, a, b []byte) int { return writeSocket(fd, a) }

//go:build unix

package bucket

import (
	"path/filepath"
	"syscall"
	"testing"
)

// TestAPipeIsNoObject: nor does asking for it wait for its other end. [S3-38]
func TestAPipeIsNoObject(t *testing.T) {
	dir := directory(t, nil)
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	e := &Endpoint{Bucket: open(t, dir, Options{})}
	ask(t, e, "GET", "/pipe").check(t, want{"status": "403"})
}

package command

import (
	"os"
	"sync"
)

// Output is the standard output. It remembers that something could not be written, which
// no command has to look for.
type Output struct {
	File *os.File

	mu  sync.Mutex // guards err
	err error
}

// Write writes to the file.
func (o *Output) Write(b []byte) (int, error) {
	n, err := o.File.Write(b)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return n, err
}

// Fd is the file's: what writes text asks whether it is a terminal, and how wide.
func (o *Output) Fd() uintptr { return o.File.Fd() }

// Lost is the first error, nil if all was written.
func (o *Output) Lost() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

package bucket

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"staleproof/proxy/headers"
)

// Options say what objects have besides their bytes. Zero values are useful.
type Options struct {
	// Rules count before those of the directory's own _headers file, later ones
	// before earlier ones. Each header must be one that S3 keeps; see [Keeps].
	Rules headers.Rules
	// Note is told, once for each, what a person ought to know: a header that S3 does
	// not keep, a _headers file that is not understood. Called on the request path;
	// nil: nobody listens.
	Note func(string)
	// Now is for the cache of ETags; nil: time.Now.
	Now func() time.Time
}

// Bucket is a directory that answers as an S3 bucket does. It has no open files
// between requests and needs no closing. Safe for concurrent use.
type Bucket struct {
	dir     string // absolute
	options Options
	etags   etags
	rules   fileRules
	notes   notes
}

// Open makes a bucket of a directory, which must be there, with a _headers file
// that is understood or none.
func Open(dir string, o Options) (*Bucket, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open the directory %s: %w", dir, err)
	}
	switch info, err := os.Stat(abs); {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no directory %s", dir)
	case err != nil:
		return nil, fmt.Errorf("open the directory %s: %w", dir, err)
	case !info.IsDir():
		return nil, fmt.Errorf("%s is a file, not a directory", dir)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	b := &Bucket{dir: abs, options: o}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("open the directory %s: %w", dir, err)
	}
	defer root.Close()
	if _, err := b.rules.read(root); err != nil {
		return nil, fmt.Errorf("directory %s: %w", dir, err)
	}
	return b, nil
}

// Dir is the absolute path of the directory.
func (b *Bucket) Dir() string { return b.dir }

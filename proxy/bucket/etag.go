package bucket

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"sync"
	"time"
)

const (
	// partBytes is from which size on, and in parts of which size, the AWS command
	// line uploads in parts. [S3-27]
	partBytes = 8 << 20
	maxParts  = 10000

	// maxETags is how many ETags are kept; a larger site has the others worked out
	// anew. About 300 bytes each.
	maxETags = 8192

	// settled is how old a file's last change must be for its ETag to be kept: a
	// second change within the file system's tick would leave no trace.
	settled = 2 * time.Second
)

// etags keeps the ETags of files that have not changed since.
type etags struct {
	mu   sync.Mutex
	kept map[string]kept // by key; guarded by mu
}

type kept struct {
	info fs.FileInfo
	etag string
}

// of is the ETag of an open file that is as info says. It reads all of it, or, when
// it is known to be as it was, nothing.
func (e *etags) of(key string, f io.ReaderAt, info fs.FileInfo, now time.Time) (string, error) {
	e.mu.Lock()
	known, ok := e.kept[key]
	e.mu.Unlock()
	if ok && unchanged(known.info, info) {
		return known.etag, nil
	}
	etag, err := etagOf(f, info.Size())
	if err != nil {
		return "", fmt.Errorf("read %s: %w", key, err)
	}
	if now.Sub(info.ModTime()) >= settled {
		e.keep(key, kept{info, etag})
	}
	return etag, nil
}

func (e *etags) keep(key string, k kept) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.kept == nil {
		e.kept = map[string]kept{}
	}
	for other := range e.kept { // any one
		if len(e.kept) < maxETags {
			break
		}
		delete(e.kept, other)
	}
	e.kept[key] = k
}

// unchanged reports whether a file is the same one, of the same size and time.
func unchanged(was, is fs.FileInfo) bool {
	return os.SameFile(was, is) && was.Size() == is.Size() && was.ModTime().Equal(is.ModTime())
}

// etagOf is the ETag that the AWS command line's upload of size bytes is given: their
// MD5, or, uploaded in parts, the MD5 of the parts' MD5s and their number. [S3-27]
func etagOf(r io.ReaderAt, size int64) (string, error) {
	if size < partBytes {
		sum, err := sumOf(io.NewSectionReader(r, 0, size))
		return `"` + hex.EncodeToString(sum) + `"`, err
	}
	part := partOf(size)
	all, parts := md5.New(), 0
	for from := int64(0); from < size; from += part {
		sum, err := sumOf(io.NewSectionReader(r, from, min(part, size-from)))
		if err != nil {
			return "", err
		}
		all.Write(sum)
		parts++
	}
	return fmt.Sprintf(`"%x-%d"`, all.Sum(nil), parts), nil
}

// partOf is the size of parts, doubled until there are few enough of them.
func partOf(size int64) int64 {
	part := int64(partBytes)
	for (size+part-1)/part > maxParts {
		part *= 2
	}
	return part
}

func sumOf(r *io.SectionReader) ([]byte, error) {
	h := md5.New()
	n, err := io.Copy(h, r)
	if err == nil && n < r.Size() {
		err = io.ErrUnexpectedEOF
	}
	return h.Sum(nil), err
}

package bucket

import (
	"errors"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strconv"
	"time"
)

// object is a file, open, with what S3 would tell of it.
type object struct {
	key    string
	file   *os.File
	info   fs.FileInfo // as it was when the file was opened
	etag   string
	header http.Header // what was uploaded with it
}

func (o *object) size() int64 { return o.info.Size() }

// modified is in whole seconds, as Last-Modified is.
func (o *object) modified() time.Time { return o.info.ModTime().UTC().Truncate(time.Second) }

// errMissing is a key without an object.
var errMissing = errors.New("no such key")

// open finds the object of a key in the directory as it is now.
func (b *Bucket) open(key string) (*object, error) {
	name := fileOf(key)
	if name == "" {
		return nil, errMissing
	}
	root, err := os.OpenRoot(b.dir)
	if err != nil {
		return nil, missing(err) // an empty bucket, until it is made again
	}
	defer root.Close()
	// Opening a pipe would wait for its other end.
	if info, err := root.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil, missing(err)
	}
	f, err := root.Open(name)
	if err != nil {
		return nil, missing(err)
	}
	o, err := b.describe(root, key, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	return o, nil
}

// describe works out what S3 would tell of an open file.
func (b *Bucket) describe(root *os.Root, key string, f *os.File) (*object, error) {
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errMissing
	}
	etag, err := b.etags.of(key, f, info, b.options.Now())
	if err != nil {
		return nil, err
	}
	return &object{key: key, file: f, info: info, etag: etag, header: b.metadata(root, key)}, nil
}

// missing is what a failure to open means: a file that is not there, that leads out
// of the directory or is a directory is no object; one that may not be read is an
// object, which S3 does not have.
func missing(err error) error {
	if err == nil || errors.Is(err, fs.ErrNotExist) || !errors.Is(err, fs.ErrPermission) {
		return errMissing
	}
	return err
}

// head is the header of an answer that has the object's bytes.
func (o *object) head() http.Header {
	h := o.header.Clone()
	h.Set("Etag", o.etag)
	h.Set("Last-Modified", o.modified().Format(http.TimeFormat))
	h.Set("Accept-Ranges", "bytes")
	h.Set("X-Amz-Server-Side-Encryption", "AES256") // [S3-34]
	h.Set("Content-Length", strconv.FormatInt(o.size(), 10))
	return h
}

// body streams a part of the file. It ends in an error when the file has become
// shorter, or was written to meanwhile: an object of S3 is whole or not there.
func (o *object) body(from, length int64) io.ReadCloser {
	return &body{object: o, part: io.NewSectionReader(o.file, from, length), left: length}
}

type body struct {
	*object
	part *io.SectionReader
	left int64
}

var errChanged = errors.New("the file was written to while it was sent")

func (b *body) Read(p []byte) (int, error) {
	n, err := b.part.Read(p)
	b.left -= int64(n)
	switch {
	case err == io.EOF && b.left > 0:
		return n, io.ErrUnexpectedEOF
	case err == io.EOF || b.left == 0 && err == nil:
		if now, e := b.file.Stat(); e != nil || !unchanged(b.info, now) {
			return n, errChanged
		}
	}
	return n, err
}

func (b *body) Close() error { return b.file.Close() }

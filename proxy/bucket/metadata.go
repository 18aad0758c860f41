package bucket

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"strings"
	"sync"

	"staleproof/proxy/headers"
)

// kept are the headers that S3 keeps with an object and sends with it, besides
// X-Amz-Meta-…. [S3-29]
var keptHeaders = map[string]bool{
	"Cache-Control":                   true,
	"Content-Disposition":             true,
	"Content-Encoding":                true,
	"Content-Language":                true,
	"Content-Type":                    true,
	"Expires":                         true,
	"X-Amz-Website-Redirect-Location": true, // [S3-19]
}

// Keeps reports whether S3 keeps a header with an object. The name is canonical.
// [S3-29]
func Keeps(name string) bool {
	return keptHeaders[name] || strings.HasPrefix(name, "X-Amz-Meta-")
}

// metadata is what was uploaded with an object: its guessed type, what the _headers
// file says, what the options say.
func (b *Bucket) metadata(root *os.Root, key string) http.Header {
	rules, err := b.rules.read(root)
	if err != nil {
		b.note(fmt.Sprintf("%s; the rules before it stay", err))
	}
	h := http.Header{"Content-Type": {typeOf(key)}}
	file := "/" + key
	url := file
	if folder, ok := strings.CutSuffix(file, "/index.html"); ok {
		url = folder + "/" // where a site is asked for it
	}
	for name, values := range rules.All(url, file) {
		if !Keeps(name) {
			b.note(fmt.Sprintf("%s sets %s, which S3 keeps with no object; use a response headers policy", headers.FileName, name))
			continue
		}
		h[name] = values
	}
	for _, rule := range b.options.Rules {
		if rule.Matches(url) || rule.Matches(file) {
			for _, f := range rule.Set {
				h.Set(f.Name, f.Value)
			}
		}
	}
	for name, values := range h {
		if strings.Join(values, "") == "" { // "Cache-Control:" takes it away
			delete(h, name)
		}
	}
	return h
}

// fileRules are the rules of the _headers file as it is now.
type fileRules struct {
	mu    sync.Mutex
	info  fs.FileInfo // of the file they are from; nil: there is none; guarded by mu
	rules headers.Rules
}

// read gives the rules, read again when the file has changed. With an error they
// are those of before, and the error comes once for each change.
func (r *fileRules) read(root *os.Root) (headers.Rules, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	info, err := root.Stat(headers.FileName)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.info, r.rules = nil, nil
		return nil, nil
	case err != nil:
		return r.rules, fmt.Errorf("%s: %w", headers.FileName, err)
	case !info.Mode().IsRegular():
		return r.rules, fmt.Errorf("%s is no regular file", headers.FileName)
	case r.info != nil && unchanged(r.info, info):
		return r.rules, nil
	}
	r.info = info
	rules, err := parseFile(root)
	if err != nil {
		return r.rules, err
	}
	r.rules = rules
	return rules, nil
}

func parseFile(root *os.Root) (headers.Rules, error) {
	f, err := root.Open(headers.FileName)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, headers.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", headers.FileName, err)
	}
	return headers.Parse(headers.FileName, text)
}

// notes are those that were given; each is given once.
type notes struct {
	mu    sync.Mutex
	given map[string]bool
}

// maxNotes is how many different notes are given.
const maxNotes = 100

func (b *Bucket) note(text string) {
	if b.options.Note == nil {
		return
	}
	b.notes.mu.Lock()
	known := b.notes.given[text] || len(b.notes.given) >= maxNotes
	if !known {
		if b.notes.given == nil {
			b.notes.given = map[string]bool{}
		}
		b.notes.given[text] = true
	}
	b.notes.mu.Unlock()
	if !known {
		b.options.Note(text)
	}
}

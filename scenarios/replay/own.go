package replay

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"staleproof/scenarios/prove"
	"staleproof/scenarios/site"
)

// MaxOwnBytes is what the files that a story follows may have, all builds together and
// compressed copies as well: 256 MiB.
const MaxOwnBytes = 256 << 20

// Own is the bytes of the builds that a story is about, as they lie in folders.
type Own struct {
	files  map[string]ownFile // by the identity of the bytes
	copies map[coded][]byte   // compressed, as they lie there
	bytes  int64
}

type ownFile struct {
	text  []byte
	media string
}

// coded is bytes, by their identity, in a content coding.
type coded struct{ id, coding string }

// errMadeUp is said of a story whose files lie nowhere.
var errMadeUp = errors.New("the trace is about files that are made for it, not about builds that lie in folders")

// Place is how the builds of a story become URLs.
func (s *Story) Place() (site.Options, error) {
	o := site.Options{Base: s.Deploy.Site.Base}
	if s.Deploy.Site.Builds == nil {
		return o, errMadeUp
	}
	if text := s.Deploy.Site.Strip; text != "" {
		strip, err := regexp.Compile(text)
		if err != nil {
			return o, fmt.Errorf("deploy.site.strip: %w", err)
		}
		o.Strip = strip
	}
	return o, nil
}

// NewOwn takes the bytes that a story needs from its builds, which were read with its
// [Story.Place], in order. There may be more of them, before and after those that it is
// about. It is an error if one is not as the trace has it: the message names build and
// file.
func NewOwn(s *Story, builds []*site.Build) (*Own, error) {
	all := s.Deploy.Site.Builds
	for i := 0; len(all) > 1 && i+len(all) <= len(builds); i++ {
		if part := builds[i : i+len(all)]; part[0].Name+" to "+part[len(part)-1].Name == s.Deploy.Site.Name {
			builds = part
			break
		}
	}
	switch n := len(all); {
	case n == 0:
		return nil, errMadeUp
	case n == len(builds)+1 && reissued(&all[n-1]):
		return nil, fmt.Errorf("the trace goes back to build %s under new ids, and no folder has it so", builds[0].Name)
	case n != len(builds):
		return nil, fmt.Errorf("the trace is about %d builds, %s, and %d are given", n, s.Deploy.Site.Name, len(builds))
	}
	o := &Own{files: map[string]ownFile{}, copies: map[coded][]byte{}}
	for i, b := range builds {
		for j := range all[i].Files {
			if err := o.take(b, &all[i].Files[j]); err != nil {
				return nil, fmt.Errorf("build %s: %w", b.Name, err)
			}
		}
	}
	return o, nil
}

// reissued reports whether a build is an earlier one once more, which has bytes that
// were made for the proof.
func reissued(b *prove.Build) bool {
	for _, f := range b.Files {
		if strings.HasSuffix(f.Body, " again") {
			return true
		}
	}
	return false
}

// take takes one file, or compressed copy, of a build.
func (o *Own) take(b *site.Build, f *prove.File) error {
	at := f.Path
	if f.Coding != "" {
		at = f.CopyOf
	}
	have, ok := b.Locate(at)
	if !ok {
		return fmt.Errorf("there is no file for %s, which the trace is about", at)
	}
	want, _, _ := strings.Cut(strings.TrimPrefix(f.Body, "damaged "), " ") // a page's has its release, too
	var text []byte
	var err error
	switch {
	case f.Coding == "" && have.Hash.Short() != want:
		return differs(have.Path, have.Hash.Short(), want)
	case f.Coding == "":
		text, err = b.Bytes(have)
		o.bytes += int64(len(text))
	default:
		text, err = o.takeCopy(b, have, f, want)
	}
	if err != nil {
		return err
	}
	if o.bytes > MaxOwnBytes {
		return fmt.Errorf("%s: with it the files that the trace is about have more than %d bytes", have.Path, MaxOwnBytes)
	}
	if _, ok := o.files[f.Body]; !ok {
		o.files[f.Body] = ownFile{text, have.MediaType}
	}
	return nil
}

// takeCopy takes the compressed copy of a file, and returns what is in it; of one that
// cannot be decompressed its own bytes.
func (o *Own) takeCopy(b *site.Build, of *site.File, f *prove.File, want string) ([]byte, error) {
	c, ok, err := b.Copy(of, f.Coding)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("there is no copy of %s compressed with %s, which the trace is about", of.Path, f.Coding)
	}
	is := c.Hash.Short()
	if c.Err != nil {
		is = c.File.Hash.Short()
	}
	if is != want || (c.Err != nil) != strings.HasPrefix(f.Body, "damaged ") {
		return nil, differs(c.File.Path, is, want)
	}
	body, err := b.Bytes(c.File)
	if err != nil {
		return nil, err
	}
	o.copies[coded{f.Body, f.Coding}] = body
	o.bytes += int64(len(body))
	if c.Err != nil {
		return body, nil
	}
	text, err := b.Decompressed(&c)
	o.bytes += int64(len(text))
	return text, err
}

func differs(path, is, want string) error {
	return fmt.Errorf("%s is not as the trace has it: its bytes have the hash %s…, and should have %s…", path, is, want)
}

package cachepolicy

import (
	"slices"
	"strings"
	"time"
)

// Invalidation makes the stored responses it covers unusable from a moment on.
type Invalidation struct {
	ID      string    // CloudFront's, "I" and 13 characters
	Items   []string  // "/a", "/a?p=1", "/img/*", "#tag" [INV-30]
	Created time.Time // in cache time
	// EncodedTilde is the switch EncodedTildeInvalidates. [INV-14], D-11
	EncodedTilde bool
}

// Covers reports whether i names s: by its path with the keyed query string, or
// by one of its tags.
func (i *Invalidation) Covers(s *Stored) bool {
	for _, item := range i.Items {
		if i.CoversItem(item, s) {
			return true
		}
	}
	return false
}

// CoversItem reports whether one item of an invalidation names s. A * is a
// wildcard only at the end, where it stands for anything, slashes and query
// included [INV-04], [INV-05]; paths are case-sensitive [INV-02]; tags are not
// [INV-31]. Headers, cookies and encodings play no part: all variants of a path
// go at once [INV-06].
func CoversItem(item string, s *Stored) bool { return (&Invalidation{}).CoversItem(item, s) }

// CoversItem reports whether item, which is one of i, names s.
func (i *Invalidation) CoversItem(item string, s *Stored) bool {
	if tag, ok := strings.CutPrefix(item, "#"); ok {
		return slices.Contains(s.Tags, strings.ToLower(tag))
	}
	if !i.EncodedTilde && (strings.Contains(item, "%7E") || strings.Contains(item, "%7e")) {
		return false // accepted and without effect [INV-14], D-11
	}
	if prefix, ok := strings.CutSuffix(item, "*"); ok {
		return strings.HasPrefix(s.URI, prefix)
	}
	return s.URI == item
}

// CheckItem says what is wrong with an item, or nil. [INV-03], [INV-11], [INV-12],
// [INV-16], [INV-31]
func CheckItem(item string) error {
	if tag, ok := strings.CutPrefix(item, "#"); ok {
		switch {
		case tag == "":
			return itemError{item, "has no tag after #"}
		case len(tag) > 256:
			return itemError{item, "has a tag of more than 256 characters"}
		case strings.ContainsAny(tag, ",*") || strings.IndexFunc(tag, notPrintable) >= 0:
			return itemError{item, "has a character that a tag cannot have"}
		}
		return nil
	}
	switch {
	case !strings.HasPrefix(item, "/"):
		return itemError{item, "does not begin with /; write /" + item}
	case len(item) > 4000:
		return itemError{item, "is longer than 4,000 characters"}
	case strings.IndexFunc(item, notPrintable) >= 0:
		return itemError{item, "has a blank or a character that must be percent-encoded"}
	case strings.Contains(item, "~"): // D-11
		return itemError{item, "has a ~, which invalidation paths do not support"}
	}
	return nil
}

// notPrintable reports whether r is outside printable ASCII without the blank.
func notPrintable(r rune) bool { return r <= ' ' || r > '~' }

type itemError struct{ item, what string }

func (e itemError) Error() string { return "invalidation path " + e.item + " " + e.what }

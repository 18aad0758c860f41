package distribution

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sort"
)

// maxJSONDocuments is how many JSON values one file may hold.
const maxJSONDocuments = 1000

// parseJSON reads the JSON values of a file, with the line of everything in them.
func parseJSON(file string, b []byte) ([]*node, error) {
	most, passed := maxJSONBytes, func(*node, string) bool { return false }
	if isPlan(b) {
		most, passed = maxPlanBytes, passedOver
	}
	if len(b) > most {
		return nil, fmt.Errorf("%d bytes are more than the %d that are read of a JSON file", len(b), most)
	}
	w := jsonWalk{passed: passed, file: file, text: b, dec: json.NewDecoder(bytes.NewReader(b))}
	w.dec.UseNumber()
	for i, c := range b {
		if c == '\n' {
			w.lines = append(w.lines, i)
		}
	}
	docs, err := w.documents()
	if err == nil {
		return docs, nil
	}
	var ours *Error
	if errors.As(err, &ours) {
		return nil, err
	}
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = errors.New("the JSON ends too early")
	}
	return nil, &Error{Line: w.line(), What: err.Error()}
}

type jsonWalk struct {
	file  string
	text  []byte
	dec   *json.Decoder
	lines []int // offsets of the line ends
	nodes int
	// passed reports whether a member of an object is passed over.
	passed func(n *node, key string) bool
}

// documents walks the values one after the other: maps, as the AWS command line
// prints them.
func (w *jsonWalk) documents() (docs []*node, err error) {
	for {
		n, err := w.walk("", 0)
		switch {
		case err != nil:
			return nil, err
		case len(docs) > 0 && n.kind != objectKind:
			return nil, &Error{Line: n.line, What: "something follows the end of the JSON value"}
		case len(docs) == maxJSONDocuments:
			return nil, &Error{Line: n.line, What: fmt.Sprintf("more than %d JSON values", maxJSONDocuments)}
		}
		if docs = append(docs, n); !w.more() {
			return docs, nil
		}
	}
}

// more reports whether anything but blanks follows.
func (w *jsonWalk) more() bool {
	return len(bytes.TrimLeft(w.text[w.dec.InputOffset():], " \t\r\n")) > 0
}

// line is that of the token last read.
func (w *jsonWalk) line() int {
	return 1 + sort.SearchInts(w.lines, int(w.dec.InputOffset()))
}

func (w *jsonWalk) walk(path string, depth int) (*node, error) {
	t, err := w.dec.Token()
	if err != nil {
		return nil, err
	}
	n := &node{file: w.file, line: w.line(), path: path}
	if w.nodes++; w.nodes > maxNodes {
		return nil, &Error{Line: n.line, Path: path, What: fmt.Sprintf("more than %d values", maxNodes)}
	}
	if depth > maxDepth {
		return nil, &Error{Line: n.line, Path: path, What: errTooDeep.Error()}
	}
	switch t := t.(type) {
	case nil:
	case bool:
		n.kind, n.text = boolKind, fmt.Sprint(t)
	case json.Number:
		n.kind, n.text = numberKind, t.String()
	case string:
		n.kind, n.text = textKind, t
	case json.Delim:
		if t == '[' {
			err = w.list(n, depth)
		} else {
			err = w.object(n, depth)
		}
	}
	return n, err
}

func (w *jsonWalk) list(n *node, depth int) error {
	n.kind = listKind
	for w.dec.More() {
		item, err := w.walk(index(n.path, len(n.items)), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := w.dec.Token()
	return err
}

func (w *jsonWalk) object(n *node, depth int) error {
	n.kind = objectKind
	seen := map[string]bool{}
	for w.dec.More() {
		t, err := w.dec.Token()
		if err != nil {
			return err
		}
		key := t.(string)
		if seen[key] {
			return &Error{Line: w.line(), Path: join(n.path, key), What: "given twice"}
		}
		seen[key] = true
		if w.passed(n, key) {
			var over json.RawMessage
			if err := w.dec.Decode(&over); err != nil {
				return err
			}
			continue
		}
		value, err := w.walk(join(n.path, key), depth+1)
		if err != nil {
			return err
		}
		n.fields = append(n.fields, field{key, value})
	}
	_, err := w.dec.Token()
	return err
}

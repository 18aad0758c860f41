package replay

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"

	"staleproof/scenarios/prove"
)

// Schema names the form of a trace file. It changes when a field is renamed or
// removed, or means something else.
const Schema = "staleproof-trace-1"

// MaxFileBytes is the largest trace file that is read; one of the prover's own has
// some kilobytes. MaxEvents is how many events one may have: the prover's longest
// have a dozen.
const (
	MaxFileBytes = 4 << 20
	MaxEvents    = 500
)

// Story is all that is needed to play a counterexample again: the deploy, the
// bounds it was found within, what it violates, and the events.
type Story struct {
	Schema   string         `json:"schema"`
	Name     string         `json:"name"`
	Property prove.Property `json:"property"`
	Class    prove.Class    `json:"class"`
	Sticky   bool           `json:"sticky"`
	Bounds   prove.Bounds   `json:"bounds"`
	Deploy   prove.Deploy   `json:"deploy"`
	Trace    prove.Trace    `json:"trace"`

	own *Own // the bytes to play with; nil: made ones
}

// Of is the story of a refuted verdict.
func Of(name string, d prove.Deploy, v prove.Verdict) Story {
	s := Story{Schema: Schema, Name: name, Property: v.Property, Class: v.Class, Sticky: v.Sticky, Bounds: v.Bounds, Deploy: d, Trace: v.Trace}
	if s.Property == prove.Settling {
		s.Property = prove.ViewConsistency // of which it is the sticky half
	}
	return s
}

// Write writes a trace file.
func (s *Story) Write(w io.Writer) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(s)
}

// Read reads a trace file, strictly: an unknown field is a mistake. It does not say
// which file.
func Read(r io.Reader) (Story, error) {
	text, err := io.ReadAll(io.LimitReader(r, MaxFileBytes+1))
	if err != nil {
		return Story{}, err
	}
	return read(text)
}

func read(text []byte) (Story, error) {
	if len(text) > MaxFileBytes {
		return Story{}, fmt.Errorf("larger than %d bytes, the most a trace file may have", MaxFileBytes)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	var s Story
	if err := d.Decode(&s); err != nil {
		return Story{}, placed(err, text, d.InputOffset())
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return Story{}, placed(errors.New("there is more after the trace"), text, d.InputOffset())
	}
	if err := twice(text); err != nil {
		return Story{}, err
	}
	return s, s.Check()
}

// twice refuses a field that is given twice, of which encoding/json takes the last.
func twice(text []byte) error {
	d := json.NewDecoder(bytes.NewReader(text))
	var open []map[string]bool // the fields of the objects around, nil for a list
	key := false               // a key is what comes next
	for {
		token, err := d.Token()
		if err != nil {
			return nil // it has been read once
		}
		in := func() bool { return len(open) > 0 && open[len(open)-1] != nil }
		switch t := token.(type) {
		case json.Delim:
			switch t {
			case '{':
				open = append(open, map[string]bool{})
			case '[':
				open = append(open, nil)
			default:
				open = open[:len(open)-1]
			}
			key = in()
			continue
		case string:
			if key {
				fields := open[len(open)-1]
				if fields[t] {
					return placed(fmt.Errorf("%q is given twice", t), text, d.InputOffset())
				}
				fields[t], key = true, false
				continue
			}
		}
		key = in()
	}
}

var unknownField = regexp.MustCompile(`^json: (unknown field ("[^"]*"))$`)

// placed names the line of a mistake in JSON.
func placed(err error, text []byte, at int64) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch m := unknownField.FindStringSubmatch(err.Error()); {
	case m != nil: // where it is, nobody says
		err = errors.New(m[1])
		if i := bytes.Index(text, []byte(m[2])); i >= 0 {
			at = int64(i)
		}
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return errors.New("the file ends in the middle")
	case errors.As(err, &syntax):
		at = syntax.Offset
	case errors.As(err, &kind):
		at = kind.Offset
		err = fmt.Errorf("%s: a %s where %s is wanted", kind.Field, kind.Value, kind.Type)
	}
	at = min(max(0, at), int64(len(text)))
	return fmt.Errorf("line %d: %w", 1+bytes.Count(text[:at], []byte("\n")), err)
}

// Check says what is wrong with a story, as far as that can be seen without playing
// it.
func (s *Story) Check() error {
	if s.Schema != Schema {
		return fmt.Errorf("schema: %q, want %q", s.Schema, Schema)
	}
	events := s.Trace.Events
	switch {
	case len(events) == 0:
		return errors.New("trace.events: there is none")
	case len(events) > MaxEvents:
		return fmt.Errorf("trace.events: %d, at most %d", len(events), MaxEvents)
	case s.Property.Title() == "":
		return fmt.Errorf("property: there is no %q", s.Property)
	case events[len(events)-1].Violation == "":
		return errors.New("trace.events: the last one violates nothing")
	case s.Class != events[len(events)-1].Violation:
		return fmt.Errorf("class: %q, but the last event's violation is %q", s.Class, events[len(events)-1].Violation)
	}
	if _, err := prove.NewPlay(s.Deploy, s.Bounds, events); err != nil {
		return err
	}
	return nil
}

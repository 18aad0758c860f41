package scenarios

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// stepWords are the words that a step may begin with, and what may stand beside
// them.
var stepWords = map[Word][]string{
	Get:        {"header", "as", "pop", "together", "leaves", "expect"},
	Head:       {"header", "as", "pop", "together", "leaves", "expect"},
	Post:       {"header", "body", "as", "pop", "together", "leaves", "expect"},
	Advance:    {},
	Invalidate: {"expect"},
	Forget:     {"at"},
	Break:      {"how"},
	Mend:       {},
}

func (s *Scenario) steps(v *value) {
	if !v.isList || len(v.list) == 0 {
		v.refuse("is %s, want a list of steps", v.kind())
		return
	}
	for _, item := range v.list {
		if step, ok := item.step(); ok {
			s.Steps = append(s.Steps, step)
		}
	}
}

func (v *value) step() (Step, bool) {
	o := v.object()
	s := Step{Line: v.line, Together: 1}
	for _, f := range o.fields {
		if _, ok := stepWords[Word(f.key)]; !ok {
			continue
		}
		if s.Do != "" {
			f.value.refuse("a step does one thing, and this one has %s already", s.Do)
			return s, false
		}
		s.Do = Word(f.key)
	}
	if s.Do == "" {
		v.refuse("no step begins so: %s", strings.Join(knownWords(), ", "))
		return s, false
	}
	subject := o.take(string(s.Do))
	o.asked = append(o.asked, stepWords[s.Do]...)
	o.close()
	s.subject(subject)
	s.details(o)
	return s, true
}

func knownWords() []string {
	return []string{"get", "head", "post", "advance", "invalidate", "forget", "break", "mend"}
}

// subject reads what stands behind the word.
func (s *Step) subject(v *value) {
	switch s.Do {
	case Get, Head, Post:
		s.URL = v.word()
		if u, err := url.Parse(s.URL); err != nil || !strings.HasPrefix(s.URL, "/") && (u.Host == "" || u.Scheme != "http" && u.Scheme != "https") {
			v.refuse("is %s, want a path like /page?v=1, or a URL with http or https", v.kind())
		}
	case Advance:
		before := len(v.in.found)
		if s.For = v.duration(); s.For == 0 && len(v.in.found) == before {
			v.refuse("moves nothing")
		}
	case Invalidate, Forget:
		before := len(v.in.found)
		if s.Items = v.words(); len(s.Items) == 0 && len(v.in.found) == before {
			v.refuse("names no path")
		}
	case Break, Mend:
		s.Which = v.word()
	}
}

func (s *Step) details(o *object) {
	s.Header = o.at("header").header()
	s.Body = o.at("body").word()
	s.As = o.at("as").word()
	if v := o.at("pop"); v != nil {
		s.POP = v.number(1, 16)
	}
	if v := o.at("together"); v != nil {
		s.Together = v.number(2, 1000)
		if s.As != "" {
			v.refuse("a visitor does one thing at a time: without as, they are so many viewers")
		}
	}
	if v := o.at("leaves"); v != nil {
		s.Leaves = v.number(1, s.Together)
	}
	if v := o.at("at"); v != nil {
		s.At = Tier(v.word(string(AtEdge), string(AtRegional)))
	}
	if s.Do == Break {
		s.How = Down
		if v := o.at("how"); v != nil {
			s.How = Fault(v.word(string(Down), string(Slow), string(Cut), string(Short)))
		}
	}
	if v := o.at("expect"); v != nil {
		s.Expect = v.expect(s)
	}
}

func (v *value) expect(s *Step) (e Expect) {
	o := v.object()
	if s.Do == Invalidate {
		e.Covered = o.take("covered").optional(0, 1<<30)
	} else {
		o.answer(&e)
		e.Fetched = o.take("fetched").optional(0, 1<<30)
		if others := o.take("others"); others != nil {
			if s.Together == 1 {
				others.refuse("there are others only with together")
			}
			in := others.object()
			e.Others = &Expect{}
			in.answer(e.Others)
			in.close()
		}
	}
	o.close()
	if e.empty() {
		v.refuse("expects nothing")
	}
	return e
}

// answer reads what is expected of one answer.
func (o *object) answer(e *Expect) {
	e.Status = o.take("status").optional(100, 599)
	e.Result = o.take("result").textIfAny()
	e.Reason = o.take("reason").textIfAny()
	e.Body = o.take("body").textIfAny()
	if v := o.take("cut"); v != nil {
		cut := v.flag()
		e.Cut = &cut
	}
	if v := o.take("header"); v != nil {
		e.Header = map[string]*string{}
		for _, f := range v.object().fields {
			name := http.CanonicalHeaderKey(f.key)
			if e.Header[name] = nil; !f.value.null {
				e.Header[name] = f.value.textIfAny()
			}
		}
	}
	if v := o.take("location"); v != nil {
		if e.Header == nil {
			e.Header = map[string]*string{}
		}
		e.Header["Location"] = v.textIfAny()
	}
	if v := o.take("age"); v != nil {
		if none := -1; v.text == "none" {
			e.Age = &none
		} else {
			e.Age = v.optional(0, 1<<31-1)
		}
	}
}

func (v *value) optional(low, high int) *int {
	if v == nil {
		return nil
	}
	n := v.number(low, high)
	return &n
}

func (v *value) textIfAny() *string {
	if v == nil {
		return nil
	}
	text := v.word()
	return &text
}

// check looks at what only the whole story tells.
func (s *Scenario) check(m *mistakes) {
	asserts := slices.ContainsFunc(s.Steps, func(st Step) bool { return !st.Expect.empty() })
	if !asserts {
		m.add(0, "", "the story asserts nothing: no step has an expect")
	}
	for i := range s.Distribution.Origins {
		id := s.Distribution.Origins[i].ID
		if !slices.ContainsFunc(s.Origins, func(o Origin) bool { return o.ID == id }) {
			m.add(0, "origins", "%s is missing: the distribution has it, so the story says what it answers", id)
		}
	}
	broken := map[string]bool{}
	for _, st := range s.Steps {
		switch st.Do {
		case Break, Mend:
			if !slices.ContainsFunc(s.Origins, func(o Origin) bool { return o.ID == st.Which }) {
				m.add(st.Line, string(st.Do), "there is no origin %q", st.Which)
			} else if st.Do == Mend && !broken[st.Which] {
				m.add(st.Line, "mend", "%s is not broken", st.Which)
			}
			broken[st.Which] = st.Do == Break
		case Forget:
			if st.At == AtRegional && !s.Regional {
				m.add(st.Line, "at", "there is no regional edge cache: edge: {regional: true}")
			}
		case Get, Head, Post:
			if st.POP > s.POPs {
				m.add(st.Line, "pop", "there is no edge location %d, only %d: edge: {pops: %d}", st.POP, s.POPs, st.POP)
			}
		}
	}
}

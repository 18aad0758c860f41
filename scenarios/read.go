package scenarios

import (
	"net/http"
	"regexp"
	"slices"
	"strings"

	"staleproof/proxy/distribution"
)

// Read reads one story. The error names every mistake with file and line and
// shows the line; each is an [Error].
func Read(file string, b []byte) (*Scenario, error) {
	root, err := parse(file, b)
	if err != nil {
		return nil, err
	}
	m := root.in
	s := &Scenario{File: file, POPs: 1}
	o := root.object()
	s.Name = o.need("name").word()
	s.Source = o.need("source").word()
	s.Rows = o.rows()
	s.edge(o.take("edge"))
	s.origins(o.need("origins"))
	s.distribution(o.need("distribution"))
	steps := o.need("steps")
	o.close()
	if steps != nil {
		s.steps(steps)
	}
	if len(m.found) == 0 {
		s.check(m)
	}
	return s, m.err()
}

// rowID is an id of a ledger or of a golden trace.
var rowID = regexp.MustCompile(`^([A-Z]+-[0-9]{2,3}|T[0-9]{1,2})$`)

func (o *object) rows() []string {
	v := o.need("rows")
	rows := v.words()
	for _, r := range rows {
		if !rowID.MatchString(r) {
			v.refuse("%q is no id of a ledger, like TTL-16, or of a golden trace, like T3", r)
		}
	}
	if v != nil && len(rows) == 0 {
		v.refuse("is empty: say which rows the story plays")
	}
	return rows
}

func (s *Scenario) edge(v *value) {
	if v == nil {
		return
	}
	o := v.object()
	if n := o.take("pops"); n != nil {
		s.POPs = n.number(1, 16)
	}
	s.Regional = o.take("regional").flag()
	s.InvalidationDelay = o.take("invalidationDelay").duration()
	o.close()
}

func (s *Scenario) distribution(v *value) {
	if v == nil {
		return
	}
	if !v.isMap {
		v.refuse("is %s, want a map", v.kind())
		return
	}
	var scripted []string
	for _, o := range s.Origins {
		scripted = append(scripted, o.ID)
	}
	var err error
	s.Distribution, s.Notes, err = distribution.ReadNode(s.File, v.node, scripted...)
	if err != nil {
		v.in.distribution(err)
	}
}

func (s *Scenario) origins(v *value) {
	if v == nil {
		return
	}
	v.object()
	for _, f := range v.fields {
		or := Origin{ID: f.key}
		list, rules := f.value, false
		if f.value.isMap {
			o := f.value.object()
			list, rules = o.need("rules"), true
			o.close()
		}
		if list == nil {
			continue
		}
		if !list.isList || len(list.list) == 0 {
			list.refuse("is %s, want a list of requests that the origin expects, or rules: with one", list.kind())
			continue
		}
		for _, item := range list.list {
			x := item.exchange(rules)
			if rules {
				or.Rules = append(or.Rules, x)
			} else {
				or.Script = append(or.Script, x)
			}
		}
		s.Origins = append(s.Origins, or)
	}
	slices.SortFunc(s.Origins, func(a, b Origin) int { return strings.Compare(a.ID, b.ID) })
}

var requestLine = regexp.MustCompile(`^([A-Z]+) (/\S*)$`)

func (v *value) exchange(rule bool) Exchange {
	x := Exchange{Line: v.line}
	o := v.object()
	if on := o.need("on"); on != nil {
		m := requestLine.FindStringSubmatch(on.word())
		switch {
		case m == nil:
			on.refuse("is %s, want a method and a path, like GET /page?v=1", on.kind())
		case strings.HasSuffix(m[2], "*") && !rule:
			on.refuse("ends with *, which only rules may")
		default:
			x.Method, x.URL = m[1], m[2]
		}
	}
	if with := o.take("with"); with != nil {
		x.With = map[string]string{}
		for _, f := range with.object().fields {
			x.With[http.CanonicalHeaderKey(f.key)] = f.value.word()
		}
	}
	for _, name := range o.take("without").words() {
		x.Without = append(x.Without, http.CanonicalHeaderKey(name))
	}
	if body := o.take("body"); body != nil {
		text := body.word()
		x.Body = &text
	}
	x.Reply = o.need("reply").reply()
	o.close()
	return x
}

func (v *value) reply() Reply {
	r := Reply{Status: http.StatusOK, Header: http.Header{}}
	if v == nil {
		return r
	}
	o := v.object()
	if s := o.take("status"); s != nil {
		r.Status = s.number(200, 599)
	}
	r.Header = o.take("header").header()
	r.Body = o.take("body").word()
	r.After = o.take("after").duration()
	o.close()
	return r
}

// header reads fields with a text or a list of texts.
func (v *value) header() http.Header {
	h := http.Header{}
	if v == nil {
		return h
	}
	for _, f := range v.object().fields {
		h[http.CanonicalHeaderKey(f.key)] = f.value.words()
	}
	return h
}

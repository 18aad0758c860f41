package cloudfront

import (
	"strings"
	"sync"
)

// shape is what a document of the API is made of.
type shape struct {
	name    string
	members []member
}

// member is one element of a document.
type member struct {
	name     string
	required bool
	form     form
	usual    string // what stands there when it is left out; "{}": the usual of its shape
	hasUsual bool
}

// form is how a value is written. At most one of shape and item is set; without
// both it is a scalar of kind word.
type form struct {
	word  string   // text, int, float, flag, time
	among []string // of text: all there may be; nil: anything
	shape string
	item  *listItem
}

// listItem is the elements of a list.
type listItem struct {
	name string
	form form
}

// shapeOf finds a shape by its name; nil if there is none. An anonymous wrapper,
// {Name form}, has itself for a name.
func shapeOf(name string) *shape { return known()[name] }

var known = sync.OnceValue(func() map[string]*shape {
	all := map[string]*shape{}
	for block := range strings.SplitSeq(strings.TrimSpace(shapes+policyShapes), "\n\n") {
		lines := strings.Split(block, "\n")
		s := &shape{name: strings.TrimSpace(lines[0])}
		for _, line := range lines[1:] {
			s.members = append(s.members, parseMember(strings.TrimSpace(line), all))
		}
		all[s.name] = s
	}
	for _, s := range all {
		s.include(all)
	}
	return all
})

// include puts the members of the shapes that s takes over in the place of +Shape.
func (s *shape) include(all map[string]*shape) {
	var members []member
	for _, m := range s.members {
		if other, ok := strings.CutPrefix(m.name, "+"); ok {
			members = append(members, all[other].members...)
			continue
		}
		members = append(members, m)
	}
	s.members = members
}

// parseMember reads one line, and enters the wrapper it may bring.
func parseMember(line string, all map[string]*shape) member {
	name, rest, _ := strings.Cut(line, " ")
	m := member{name: name}
	m.name, m.required = strings.CutSuffix(name, "!")
	rest, m.usual, m.hasUsual = strings.Cut(rest, " = ")
	if m.usual == `""` {
		m.usual = ""
	}
	m.form = parseForm(rest, all)
	return m
}

func parseForm(text string, all map[string]*shape) form {
	switch {
	case text == "":
		return form{}
	case text[0] == '[':
		name, inner, _ := strings.Cut(strings.Trim(text, "[]"), " ")
		return form{item: &listItem{name, parseForm(inner, all)}}
	case text[0] == '{':
		items := parseForm("["+strings.Trim(text, "{}")+"]", all)
		all[text] = &shape{text, []member{
			{name: "Quantity", required: true, form: form{word: "int"}, usual: "0", hasUsual: true},
			{name: "Items", form: items},
		}}
		return form{shape: text}
	}
	word, list, _ := strings.Cut(strings.TrimSuffix(text, ")"), "(")
	switch word {
	case "int", "float", "flag", "time":
		return form{word: word}
	case "text":
		if list != "" {
			return form{word: word, among: strings.Split(list, "|")}
		}
		return form{word: word}
	}
	return form{shape: word}
}

// member finds a member by its name; nil if there is none.
func (s *shape) member(name string) *member {
	for i := range s.members {
		if s.members[i].name == name {
			return &s.members[i]
		}
	}
	return nil
}

package distribution

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// templateError is CloudFormation's name for what is wrong with a template.
const templateError = "ValidationError"

// templates puts in the place of each CloudFormation template the documents that its
// resources are in the words of the AWS command line, with every function worked
// out, so that one reader reads both. [CFG-05], [CFG-11]
func (r *reader) templates(docs []document, o Options) []document {
	s := &stacks{r: r, options: o}
	for _, d := range docs {
		if formatOf(d.root) == cloudFormation {
			s.add(d)
		}
	}
	s.unknownParameters(docs)
	if len(s.list) == 0 {
		return docs
	}
	var out []document
	at := 0
	for _, d := range docs {
		if formatOf(d.root) != cloudFormation {
			out = append(out, d)
			continue
		}
		out = append(out, s.list[at].documents()...)
		at++
	}
	return out
}

// stacks are the templates that are read together: what one exports, another may
// import.
type stacks struct {
	r       *reader
	options Options
	list    []*template
	// exports are found when the first is asked for.
	exports map[string]*export
}

func (s *stacks) add(d document) {
	// Files of one name are two stacks, or their resources would have the same ids.
	for name, i := d.stack.Name, 2; slices.ContainsFunc(s.list, func(t *template) bool { return t.stack.same(d.stack) }); i++ {
		d.stack.Name = fmt.Sprintf("%s-%d", name, i)
	}
	t := &template{
		r: s.r, stacks: s, stack: d.stack, root: d.root,
		conditions: map[string]*condition{}, open: map[string]bool{}, guessed: map[string]bool{},
	}
	for _, section := range []struct {
		name string
		into *map[string]*node
	}{{"Parameters", &t.parameters}, {"Mappings", &t.mappings}, {"Conditions", &t.declared}, {"Resources", &t.resources}} {
		*section.into = map[string]*node{}
		for _, f := range t.section(section.name) {
			(*section.into)[f.key] = f.value
		}
	}
	s.list = append(s.list, t)
}

// unknownParameters refuses parameters that no template has.
func (s *stacks) unknownParameters(docs []document) {
	var unknown []string
	for _, name := range slices.Sorted(maps.Keys(s.options.Parameters)) {
		known := slices.Contains(pseudoParameters, name)
		for _, t := range s.list {
			known = known || t.parameters[name] != nil
		}
		if !known || len(s.list) == 0 {
			unknown = append(unknown, name)
		}
	}
	switch {
	case len(unknown) == 0 || len(docs) == 0:
	case len(s.list) == 0:
		s.r.found = append(s.r.found, &Error{File: docs[0].root.file, What: "parameters are given, but there is no CloudFormation template to take them"})
	default:
		t := s.list[0]
		declared := "the template has none"
		if len(t.parameters) > 0 {
			declared = "declared are " + strings.Join(slices.Sorted(maps.Keys(t.parameters)), ", ")
		}
		s.r.refuse(t.root, templateError, declared, "parameters [%s] do not exist in the template", strings.Join(unknown, ", "))
	}
}

// template is one CloudFormation template and what has been worked out of it.
type template struct {
	r      *reader
	stacks *stacks
	stack  Stack
	root   *node

	parameters, mappings, declared, resources map[string]*node

	conditions map[string]*condition
	open       map[string]bool // resources whose names are being worked out
	guessed    map[string]bool // what was noted as made up
	budget     budget
}

// section is one of the maps that a template consists of.
func (t *template) section(name string) []field {
	n := t.root.at(name)
	if n == nil || n.kind == nullKind {
		return nil
	}
	return t.r.object(n).n.fields
}

// documents are those of the template's resources that the edge is made of.
func (t *template) documents() (docs []document) {
	before := len(t.r.found)
	if t.root.at("Resources") == nil {
		t.r.refuse(t.root, templateError, "", "at least one Resources member must be defined")
	}
	if t.hasMacros() {
		t.r.note(t.root.at("Transform"), "macros are not run: resources are read as they are written")
	}
	t.checkParameters()
	t.checkFunctions()
	var skipped kindCount
	for _, f := range t.section("Resources") {
		kind := t.kindOf(f.value)
		section, read := resourceConfigs[kind]
		switch {
		case strings.HasPrefix(f.key, "Fn::"):
			t.call(f.value, f.key, f.value, f.value.path)
		case kind == "":
			t.r.refuse(f.value, templateError, "", "every resource must contain a Type member")
		case !t.exists(f.key, f.value):
		case read:
			if n := t.resource(f.key, f.value, section); n != nil {
				docs = append(docs, document{root: n, identity: t.identity(f.key)})
			}
		case kind == "AWS::CloudFormation::Stack":
			t.r.note(f.value, "nested stacks are not followed: give the template as a further file")
		case !referredTo[kind]:
			skipped.add(kind)
		}
	}
	if len(t.r.found) == before {
		t.checkCycles()
	}
	if len(skipped.order) > 0 {
		t.r.note(&node{path: "Resources"}, "no part of the edge, skipped: %s", skipped.String())
	}
	if len(t.r.found) > before {
		return nil // what is wrong would be found missing once more
	}
	return docs
}

// identity is what the ids of a resource are made from.
func (t *template) identity(logical string) string {
	return strings.Join([]string{t.stack.Account, t.stack.Region, t.stack.Name, logical}, "\n")
}

// resourceConfigs are the resources that are read, each with the property that is
// the API's configuration of the same name. [CFG-08]
var resourceConfigs = map[string]string{
	"AWS::CloudFront::Distribution":          "DistributionConfig",
	"AWS::CloudFront::CachePolicy":           "CachePolicyConfig",
	"AWS::CloudFront::OriginRequestPolicy":   "OriginRequestPolicyConfig",
	"AWS::CloudFront::ResponseHeadersPolicy": "ResponseHeadersPolicyConfig",
}

// referredTo are resources that have a part in the edge only where a distribution
// refers to them, which is noted there.
var referredTo = map[string]bool{
	"AWS::CloudFront::OriginAccessControl":            true,
	"AWS::CloudFront::CloudFrontOriginAccessIdentity": true,
	"AWS::CDK::Metadata":                              true,
}

// kindCount counts resources by type, in order of the first.
type kindCount struct {
	order []string
	count map[string]int
}

func (k *kindCount) add(kind string) {
	if k.count == nil {
		k.count = map[string]int{}
	}
	if k.count[kind]++; k.count[kind] == 1 {
		k.order = append(k.order, kind)
	}
}

// String names at most ten types.
func (k *kindCount) String() string {
	var out []string
	for i, kind := range k.order {
		if i == 10 {
			out = append(out, fmt.Sprintf("and %d more types", len(k.order)-i))
			break
		}
		if n := k.count[kind]; n > 1 {
			kind += fmt.Sprintf(" (%d)", n)
		}
		out = append(out, kind)
	}
	return strings.Join(out, ", ")
}

func (t *template) kindOf(resource *node) string {
	if v := resource.at("Type"); v != nil && v.kind == textKind {
		return v.text
	}
	return ""
}

// exists reports whether a resource's condition holds.
func (t *template) exists(logical string, resource *node) bool {
	c := resource.at("Condition")
	if c == nil || c.kind == nullKind {
		return true
	}
	return t.holds(t.r.text(c), c)
}

// resource is a document that amazon reads, of a resource's configuration.
func (t *template) resource(logical string, n *node, section string) *node {
	props := n.at("Properties")
	if props == nil || props.kind != objectKind || props.at(section) == nil {
		t.r.refuse(n, templateError, "", "the property %s is missing", section)
		return nil
	}
	begun := len(t.r.found)
	config := t.eval(props.at(section), props.at(section).path)
	if len(t.r.found) > begun {
		return nil
	}
	if config == nil {
		t.r.refuse(props, templateError, "", "the property %s is missing", section)
		return nil
	}
	kind := strings.TrimPrefix(t.kindOf(n), "AWS::CloudFront::")
	id := t.physical(logical, n)
	in := []field{{"Id", text(n, id)}}
	if kind == "Distribution" {
		_, domain := generated(t.identity(logical))
		in = append(in, field{"DomainName", text(n, domain)})
		inAPIWords(config)
	}
	in = append(in, field{section, config})
	return mapOf(n, field{kind, mapOf(props, in...)})
}

func text(at *node, s string) *node {
	return &node{kind: textKind, file: at.file, line: at.line, path: at.path, text: s}
}

func mapOf(at *node, fields ...field) *node {
	return &node{kind: objectKind, file: at.file, line: at.line, path: at.path, fields: fields}
}

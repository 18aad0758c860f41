package distribution

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// Source is a file to read: its name, for messages, and its bytes. At most 4 MiB
// of JSON, 32 MiB of what Terraform prints, 256 KiB or 10,000 lines of YAML.
type Source struct {
	Name string
	Data []byte
	// Stack is what a CloudFormation template is deployed as; zero: guessed.
	Stack Stack
}

// Read reads one distribution from one file and tells the format from the
// content: our YAML, or what the AWS command line prints for
// get-distribution-config and get-distribution, or a bare DistributionConfig.
//
// Notes name what was read but is not emulated. The error is an [Errors] with all
// mistakes found.
func Read(name string, b []byte) (*Distribution, []Note, error) {
	ds, notes, err := ReadSources([]Source{{Name: name, Data: b}})
	if err != nil {
		return nil, notes, err
	}
	if len(ds) != 1 {
		return nil, notes, Errors{{File: name, What: fmt.Sprintf("holds %d distributions, want one", len(ds))}}
	}
	return ds[0], notes, nil
}

// ReadSources reads distributions and the policies they refer to from several
// files, as given to one edge. A file may hold a distribution, several YAML or JSON
// documents, the output of get-cache-policy, get-origin-request-policy or
// get-response-headers-policy, a CloudFormation template, or what terraform show
// -json prints of a plan or a state.
func ReadSources(sources []Source) ([]*Distribution, []Note, error) {
	return Options{}.ReadSources(sources)
}

// Options are what files leave open. The zero value gives nothing.
type Options struct {
	Parameters Parameters // of CloudFormation templates
	Imports    Imports    // for Fn::ImportValue, beside the exports of the templates themselves

	// First keeps, from one reading to the next, what each file's generated ids were
	// made from at first: what is read again is the same distribution, with the same
	// stored responses. Nil: every reading is the first.
	First map[string][sha256.Size]byte
}

// ReadSources is [ReadSources] with what the files leave open.
func (o Options) ReadSources(sources []Source) ([]*Distribution, []Note, error) {
	r := &reader{}
	var docs []document
	for _, s := range sources {
		roots, err := parse(s)
		if err != nil {
			r.found = append(r.found, located(s.Name, err))
		}
		for i, root := range roots {
			docs = append(docs, document{root: root, identity: o.identity(s, i), stack: s.stack()})
		}
	}
	docs = r.plans(r.templates(docs, o))
	shelf := newShelf()
	docs = slices.DeleteFunc(docs, func(d document) bool { return r.shelve(d.root, shelf) })
	var ds []*Distribution
	r.shelved = len(r.found)
	for _, doc := range docs {
		if d := r.document(doc, shelf, nil); d != nil {
			r.together(d, ds, doc.root.file)
			ds = append(ds, d)
		}
	}
	if len(r.found) == 0 && len(ds) == 0 {
		r.found = append(r.found, &Error{File: names(sources), What: "no distribution in it"})
	}
	if err := joined(r.found); err != nil {
		return nil, r.notes, err
	}
	return ds, r.notes, nil
}

// ReadNode reads a distribution in our dialect that is part of another file, with
// the same strictness and that file's line numbers. Scripted names origins that
// the caller answers for: they need no entry under origins.
func ReadNode(name string, n ast.Node, scripted ...string) (*Distribution, []Note, error) {
	r := &reader{}
	root, err := fromAST(name, n)
	if err != nil {
		return nil, nil, Errors{located(name, err)}
	}
	shelf := newShelf()
	r.shelve(root, shelf)
	r.shelved = len(r.found)
	d := r.document(document{root: root, identity: name}, shelf, scripted)
	if err := joined(r.found); err != nil {
		return nil, r.notes, err
	}
	return d, r.notes, nil
}

// document is one root of a file, what its generated id is made from, and the stack
// that it is if it is a template.
type document struct {
	root     *node
	identity string
	stack    Stack
}

// document reads, completes and checks one distribution.
func (r *reader) document(doc document, shelf *shelf, scripted []string) *Distribution {
	r.begun = len(r.found)
	var d *Distribution
	switch f := formatOf(doc.root); f {
	case ours:
		d = r.dialect(doc.root, shelf, scripted)
	case amazon:
		d = r.amazon(doc.root, shelf)
	default:
		r.refuse(doc.root, "", "convert it to the output of get-distribution-config, or to YAML in CloudFront's words", "%s", f)
		return nil
	}
	if len(d.Behaviors) == 0 || d.Behaviors[len(d.Behaviors)-1].PathPattern != "*" {
		return d // the default is missing, which is reported
	}
	d.complete(doc.identity)
	r.place(doc.root, d.problems())
	return d
}

// parse makes trees of a file.
func parse(s Source) ([]*node, error) {
	data := bytes.TrimPrefix(s.Data, []byte("\xef\xbb\xbf")) // as editors on Windows begin a file
	text := bytes.TrimLeft(data, " \t\r\n")
	if rest, ok := bytes.CutPrefix(text, []byte("{")); ok {
		if rest = bytes.TrimLeft(rest, " \t\r\n"); len(rest) > 0 && (rest[0] == '"' || rest[0] == '}') {
			return parseJSON(s.Name, data)
		}
	}
	return parseYAML(s.Name, data)
}

// format is what a document is written in; one that is not read says so.
type format string

const (
	ours           format = ""
	amazon         format = "the configuration of the AWS command line"
	amazonPolicy   format = "a policy of the AWS command line"
	cloudFormation format = "a CloudFormation template, which is a file of its own"
	terraform      format = "a Terraform plan or state, which is a file of its own"
	notAMap        format = "not a map, so no distribution"
)

func formatOf(n *node) format {
	has := func(keys ...string) bool {
		return slices.ContainsFunc(keys, func(k string) bool { return n.at(k) != nil })
	}
	switch {
	case n.kind != objectKind:
		return notAMap
	case has("AWSTemplateFormatVersion", "Resources"):
		return cloudFormation
	case has("terraform_version", "planned_values", "format_version"):
		return terraform
	case has(policyDocuments...):
		return amazonPolicy
	case has("DistributionConfig", "Distribution", "CallerReference", "DefaultCacheBehavior", "Origins"):
		return amazon
	}
	return ours
}

func located(file string, err error) *Error {
	var e *Error
	if !errors.As(err, &e) {
		e = &Error{What: err.Error()}
	}
	e.File = file
	return e
}

func names(sources []Source) string {
	var out []string
	for _, s := range sources {
		out = append(out, s.Name)
	}
	return strings.Join(out, ", ")
}

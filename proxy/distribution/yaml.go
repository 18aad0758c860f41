package distribution

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
)

// Bounds on what is read. The YAML parser's time and memory grow with the square of
// the keys of a map, so that its share is smaller: the worst that these bounds let
// in takes it about a second. The largest distribution that the quotas allow is
// well below any of them.
const (
	maxYAMLBytes = 256 << 10
	maxYAMLLines = 10_000
	maxJSONBytes = 4 << 20
	maxDepth     = 64
	maxNodes     = 200_000 // aliases counted as often as they are used
)

var errTooDeep = fmt.Errorf("nested more than %d levels deep", maxDepth)

// parseYAML reads the documents of a YAML file.
func parseYAML(file string, b []byte) (docs []*node, err error) {
	if len(b) > maxYAMLBytes {
		return nil, fmt.Errorf("%d bytes are more than the %d that are read of a YAML file", len(b), maxYAMLBytes)
	}
	if !utf8.Valid(b) {
		return nil, errors.New("not UTF-8")
	}
	if lines := bytes.Count(b, []byte("\n")); lines > maxYAMLLines {
		return nil, fmt.Errorf("%d lines are more than the %d that are read of a YAML file", lines, maxYAMLLines)
	}
	if line := deepLine(b); line > 0 {
		return nil, &Error{Line: line, What: errTooDeep.Error()}
	}
	defer func() {
		// The parser is not ours and reads what strangers wrote.
		if p := recover(); p != nil {
			docs, err = nil, fmt.Errorf("not YAML that can be read: %v", p)
		}
	}()
	parsed, err := parser.ParseBytes(b, 0)
	if err != nil {
		return nil, syntaxError(err)
	}
	for _, d := range parsed.Docs {
		if d.Body == nil {
			continue
		}
		n, err := fromAST(file, d.Body)
		if err != nil {
			return nil, err
		}
		if n.kind != nullKind {
			docs = append(docs, n)
		}
	}
	return docs, nil
}

// deepLine is the first line that nests too deeply within itself, or 0: open
// brackets, and sequences begun on one line. Nesting by indentation is bounded by
// the size of the file.
func deepLine(b []byte) int {
	open, line := 0, 0
	for l := range bytes.Lines(b) {
		line++
		marks := 0
		for i, c := range l {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(0, open-1)
			case '-', '?', ':', '&', '!':
				if i+1 < len(l) && (c == '&' || c == '!' || l[i+1] == ' ' || l[i+1] == '\t') {
					marks++
				}
			}
			if open > maxDepth || marks > 4*maxDepth {
				return line
			}
		}
	}
	return 0
}

func syntaxError(err error) error {
	var y yaml.Error
	if !errors.As(err, &y) {
		return err
	}
	e := &Error{What: y.GetMessage()}
	if t := y.GetToken(); t != nil && t.Position != nil {
		e.Line = t.Position.Line
	}
	return e
}

// fromAST makes our tree of the parser's, with anchors, aliases and merges
// resolved.
func fromAST(file string, a ast.Node) (*node, error) {
	w := astWalk{file: file, anchors: map[string]ast.Node{}, open: map[string]bool{}, template: isTemplate(a)}
	return w.walk(a, "", 0)
}

type astWalk struct {
	file    string
	anchors map[string]ast.Node
	open    map[string]bool // aliases being resolved
	nodes   int
	// template: tags are CloudFormation's functions.
	template bool
}

func (w *astWalk) walk(a ast.Node, path string, depth int) (*node, error) {
	n := &node{file: w.file, line: lineOf(a), path: path}
	if w.nodes++; w.nodes > maxNodes {
		return nil, &Error{Line: n.line, Path: path, What: fmt.Sprintf("more than %d values", maxNodes)}
	}
	if depth > maxDepth {
		return nil, &Error{Line: n.line, Path: path, What: errTooDeep.Error()}
	}
	switch a := a.(type) {
	case nil, *ast.NullNode:
	case *ast.BoolNode:
		n.kind, n.text = boolKind, fmt.Sprint(a.Value)
	case *ast.IntegerNode:
		n.kind, n.text = numberKind, a.Token.Value
	case *ast.FloatNode:
		n.kind, n.text = numberKind, a.Token.Value
	case *ast.StringNode:
		n.kind, n.text = textKind, a.Value
	case *ast.LiteralNode:
		n.kind, n.text = textKind, a.Value.Value
	case *ast.AnchorNode:
		w.anchors[strings.TrimSpace(a.Name.String())] = a.Value
		return w.walk(a.Value, path, depth)
	case *ast.AliasNode:
		return w.alias(a, n, depth)
	case *ast.SequenceNode:
		n.kind = listKind
		for i, v := range a.Values {
			item, err := w.walk(v, index(path, i), depth+1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
	case *ast.MappingNode:
		return w.mapping(n, a.Values, depth)
	case *ast.MappingValueNode:
		return w.mapping(n, []*ast.MappingValueNode{a}, depth)
	case *ast.TagNode:
		return w.tag(a, n, depth)
	default:
		return nil, &Error{Line: n.line, Path: path, What: strings.ToLower(a.Type().String()) + " has no meaning here"}
	}
	return n, nil
}

func (w *astWalk) alias(a *ast.AliasNode, n *node, depth int) (*node, error) {
	name := strings.TrimSpace(a.Value.String())
	target, ok := w.anchors[name]
	if !ok || w.open[name] {
		return nil, &Error{Line: n.line, Path: n.path, What: fmt.Sprintf("no anchor &%s before this alias", name)}
	}
	w.open[name] = true
	defer delete(w.open, name)
	return w.walk(target, n.path, depth)
}

func (w *astWalk) mapping(n *node, values []*ast.MappingValueNode, depth int) (*node, error) {
	n.kind = objectKind
	if len(values) > 0 {
		n.line = lineOf(values[0].Key)
	}
	var merged []field
	seen := map[string]bool{}
	for _, v := range values {
		if v.Key.IsMergeKey() {
			from, err := w.walk(v.Value, n.path, depth+1)
			if err != nil {
				return nil, err
			}
			if from.kind != objectKind {
				return nil, &Error{Line: from.line, Path: n.path, What: "<< merges a map, not " + from.kind.String()}
			}
			merged = append(merged, from.fields...)
			continue
		}
		key, err := w.walk(v.Key, n.path, depth+1)
		if err != nil {
			return nil, err
		}
		if key.kind == listKind || key.kind == objectKind || seen[key.text] {
			return nil, &Error{Line: key.line, Path: join(n.path, key.text), What: "not a key, or one given twice"}
		}
		seen[key.text] = true
		value, err := w.walk(v.Value, join(n.path, key.text), depth+1)
		if err != nil {
			return nil, err
		}
		value.line = key.line
		n.fields = append(n.fields, field{key.text, value})
	}
	for _, f := range merged {
		if !seen[f.key] {
			seen[f.key] = true
			n.fields = append(n.fields, f)
		}
	}
	return n, nil
}

func lineOf(a ast.Node) int {
	if a == nil {
		return 0
	}
	if t := a.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

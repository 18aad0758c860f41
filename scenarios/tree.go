package scenarios

import (
	"bytes"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

// maxFileBytes bounds a story or deploy file, and with it what the parser may
// need.
const maxFileBytes = 32 << 10

// value is one value of a file and where it stands.
type value struct {
	in     *mistakes
	line   int
	path   string
	text   string // of a scalar
	scalar bool
	quoted bool // a scalar that can only be text
	null   bool
	list   []*value
	isList bool
	fields []entry
	isMap  bool
	node   ast.Node
}

type entry struct {
	key   string
	line  int
	value *value
}

// parse makes a tree of a file that holds one document.
func parse(file string, b []byte) (root *value, err error) {
	b = bytes.TrimPrefix(b, []byte("\xef\xbb\xbf")) // as editors on Windows begin a file
	m := newMistakes(file, b)
	if len(b) > maxFileBytes {
		m.add(0, "", "%d bytes are more than the %d that are read", len(b), maxFileBytes)
		return nil, m.err()
	}
	if !utf8.Valid(b) {
		m.add(0, "", "is not UTF-8")
		return nil, m.err()
	}
	if line := deepLine(b); line > 0 {
		m.add(line, "", "is nested more than %d levels deep", maxDepth)
		return nil, m.err()
	}
	defer func() {
		if p := recover(); p != nil { // the parser is not ours and reads what strangers wrote
			m.add(0, "", "not YAML that can be read: %v", p)
			root, err = nil, m.err()
		}
	}()
	parsed, err := parser.ParseBytes(b, 0)
	if err != nil {
		m.syntax(err)
		return nil, m.err()
	}
	var body ast.Node
	for _, d := range parsed.Docs {
		if d.Body == nil {
			continue
		}
		if body != nil {
			m.add(lineOf(d.Body), "", "a second document: a file holds one")
			return nil, m.err()
		}
		body = d.Body
	}
	if body == nil {
		m.add(0, "", "is empty")
		return nil, m.err()
	}
	root = m.tree(body, "")
	return root, m.err()
}

// maxDepth is how many brackets may be open, and how many lists may begin on one
// line: the parser's time grows with the square of both.
const maxDepth = 64

// deepLine is the first line that nests too deeply, or 0.
func deepLine(b []byte) int {
	open, line := 0, 0
	for l := range bytes.Lines(b) {
		line++
		for _, c := range l {
			switch c {
			case '[', '{':
				open++
			case ']', '}':
				open = max(0, open-1)
			}
		}
		if open > maxDepth || bytes.Count(l, []byte("- ")) > maxDepth {
			return line
		}
	}
	return 0
}

func (m *mistakes) syntax(err error) {
	var y yaml.Error
	if !errors.As(err, &y) {
		m.add(0, "", "%v", err)
		return
	}
	line := 0
	if t := y.GetToken(); t != nil && t.Position != nil {
		line = t.Position.Line
	}
	m.add(line, "", "%s", y.GetMessage())
}

func lineOf(n ast.Node) int {
	if t := n.GetToken(); t != nil && t.Position != nil {
		return t.Position.Line
	}
	return 0
}

func (m *mistakes) tree(n ast.Node, path string) *value {
	v := &value{in: m, line: lineOf(n), path: path, node: n}
	switch a := n.(type) {
	case *ast.NullNode:
		v.null = true
	case *ast.BoolNode:
		v.scalar, v.text = true, strconv.FormatBool(a.Value)
	case *ast.IntegerNode:
		v.scalar, v.text = true, a.Token.Value
	case *ast.FloatNode:
		v.scalar, v.text = true, a.Token.Value
	case *ast.StringNode:
		v.scalar, v.text = true, a.Value
		v.quoted = a.Token.Type == token.SingleQuoteType || a.Token.Type == token.DoubleQuoteType
	case *ast.LiteralNode:
		v.scalar, v.quoted, v.text = true, true, a.Value.Value
	case *ast.SequenceNode:
		v.isList = true
		for i, item := range a.Values {
			v.list = append(v.list, m.tree(item, fmt.Sprintf("%s[%d]", path, i)))
		}
	case *ast.MappingNode:
		v.mapping(a.Values)
	case *ast.MappingValueNode:
		v.mapping([]*ast.MappingValueNode{a})
	default:
		m.add(v.line, path, "%s has no meaning here", strings.ToLower(n.Type().String()))
	}
	return v
}

func (v *value) mapping(values []*ast.MappingValueNode) {
	v.isMap = true
	for i, kv := range values {
		key, line := strings.TrimSpace(kv.Key.GetToken().Value), lineOf(kv.Key)
		if i == 0 {
			v.line = line
		}
		path := key
		if v.path != "" {
			path = v.path + "." + key
		}
		if v.at(key) != nil {
			v.in.add(line, path, "is given twice")
			continue
		}
		child := v.in.tree(kv.Value, path)
		child.line = line
		v.fields = append(v.fields, entry{key, line, child})
	}
}

func (v *value) at(key string) *value {
	for _, f := range v.fields {
		if f.key == key {
			return f.value
		}
	}
	return nil
}

// kind is what v is written as, for messages.
func (v *value) kind() string {
	switch {
	case v.isMap:
		return "a map"
	case v.isList:
		return "a list"
	case v.null:
		return "nothing"
	}
	return strconv.Quote(v.text)
}

func (v *value) refuse(format string, args ...any) { v.in.add(v.line, v.path, format, args...) }

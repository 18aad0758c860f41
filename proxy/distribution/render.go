package distribution

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// section is a map being written, in order.
type section []entry

type entry struct {
	key   string
	value any // string, int, bool, []string, []int, section or []section
}

// render appends s as block YAML, each line after the given indent but the first,
// which may follow a dash. The parser's own encoder does not quote all keys that
// need it.
func (s section) render(b []byte, indent string) []byte {
	for i, e := range s {
		if i > 0 {
			b = append(b, indent...)
		}
		b = append(b, scalar(e.key)...)
		b = append(b, ':')
		switch v := e.value.(type) {
		case section:
			if len(v) == 0 {
				b = append(b, " {}\n"...)
				continue
			}
			b = append(b, "\n  "+indent...)
			b = v.render(b, indent+"  ")
		case []section:
			b = append(b, '\n')
			for _, item := range v {
				b = append(b, indent+"  - "...)
				b = item.render(b, indent+"    ")
			}
		case []string:
			b = append(b, flow(v)...)
		case []int:
			b = append(b, flow(v)...)
		default:
			b = append(b, " "+scalar(v)+"\n"...)
		}
	}
	return b
}

func flow[T any](items []T) string {
	texts := make([]string, len(items))
	for i, v := range items {
		texts[i] = scalar(v)
	}
	return " [" + strings.Join(texts, ", ") + "]\n"
}

// pattern is a regular expression that is compiled when it is first asked for: most
// programs only read configurations.
func pattern(expr string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expr) })
}

var (
	bare     = pattern(`^[A-Za-z_/][A-Za-z0-9/._*-]*(:[A-Za-z0-9/._*-]+)*$`)
	quantity = pattern(`^[0-9]+[smhd]$`) // durations look like nothing else
	reserved = []string{"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
)

// scalar writes text bare only when every YAML version reads it as that text.
func scalar(v any) string {
	text, ok := v.(string)
	if !ok {
		return fmt.Sprint(v)
	}
	if quantity().MatchString(text) || bare().MatchString(text) && !slices.Contains(reserved, strings.ToLower(text)) {
		return text
	}
	return strconv.Quote(text)
}

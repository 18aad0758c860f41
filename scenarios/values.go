package scenarios

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"staleproof/proxy/distribution"
)

// object is a map being read. Keys that nobody asked for are mistakes.
type object struct {
	*value
	asked []string
}

func (v *value) object() *object {
	if !v.isMap {
		v.refuse("is %s, want a map", v.kind())
	}
	return &object{value: v}
}

// take is the value of key; nil when it is absent.
func (o *object) take(key string) *value {
	o.asked = append(o.asked, key)
	return o.at(key)
}

// need is take for a key that must be there.
func (o *object) need(key string) *value {
	v := o.take(key)
	if v == nil && o.isMap {
		o.refuse("%s is missing", key)
	}
	return v
}

// close refuses the keys that nobody asked for.
func (o *object) close() {
	for _, f := range o.fields {
		if !slices.Contains(o.asked, f.key) {
			f.value.refuse("is not known here, only %s", strings.Join(o.asked, ", "))
		}
	}
}

// word reads text; with words, one of them.
func (v *value) word(words ...string) string {
	switch {
	case v == nil:
		return ""
	case !v.scalar:
		v.refuse("is %s, want text", v.kind())
		return ""
	case len(words) > 0 && !slices.Contains(words, v.text):
		v.refuse("is %q, want one of %s", v.text, strings.Join(words, ", "))
		return ""
	}
	return v.text
}

// words reads a list of text, or one text.
func (v *value) words() []string {
	switch {
	case v == nil:
		return nil
	case v.scalar:
		return []string{v.text}
	case !v.isList:
		v.refuse("is %s, want text or a list", v.kind())
	}
	var out []string
	for _, item := range v.list {
		out = append(out, item.word())
	}
	return out
}

// number reads a whole number between low and high.
func (v *value) number(low, high int) int {
	if v == nil {
		return 0
	}
	n, err := strconv.Atoi(v.text)
	switch {
	case !v.scalar || v.quoted || err != nil:
		v.refuse("is %s, want a whole number", v.kind())
	case n < low || n > high:
		v.refuse("is %d, want %d to %d", n, low, high)
	}
	return n
}

func (v *value) flag() bool {
	if v == nil {
		return false
	}
	if !v.scalar || v.quoted || v.text != "true" && v.text != "false" {
		v.refuse("is %s, want true or false", v.kind())
	}
	return v.text == "true"
}

// duration reads whole seconds of cache time: 90s, 5m, 24h, 365d.
func (v *value) duration() time.Duration {
	if v == nil {
		return 0
	}
	if !v.scalar {
		v.refuse("is %s, want a duration like 61s, 24h or 365d", v.kind())
		return 0
	}
	d, err := distribution.ParseDuration(v.text)
	switch {
	case err != nil:
		v.refuse("%v", err)
	case d < 0 || d%time.Second != 0:
		v.refuse("is %s, want whole seconds, none below zero: cache time moves in whole seconds", v.text)
	}
	return d
}

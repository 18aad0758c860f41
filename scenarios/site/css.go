package site

import (
	"bytes"
	"strconv"
	"strings"

	"github.com/tdewolff/parse/v2"
	"github.com/tdewolff/parse/v2/css"
)

// css finds the references of a style sheet that stands at offset at of the file.
func (s *scanner) css(at int, text []byte, kind Kind) {
	scanCSS(text, func(from, to int, via string) {
		f := found{start: at + from, end: at + to, raw: unescapeCSS(string(text[from:to])), kind: kind, via: via}
		if via == ViaSourceMap {
			f.kind = Lazy
		}
		s.add(f)
	})
}

// cssAttribute finds the references of a style attribute.
func (s *scanner) cssAttribute(a attribute) {
	scanCSS([]byte(a.value), func(from, to int, via string) {
		f := a.span(from, to, Eager, via)
		f.raw = unescapeCSS(f.raw)
		s.add(f)
	})
}

// sourceMap is the comment by which a style sheet or script names its source map.
var sourceMap = pattern(`[#@]\s*sourceMappingURL=([^\s'"*]+)`)

// scanCSS calls yield for the span of each URL in a style sheet, quotes left out.
// Strings count after @import and inside image-set() and src(); url() counts
// everywhere but after @namespace, where it names no file.
func scanCSS(text []byte, yield func(from, to int, via string)) {
	l := css.NewLexer(parse.NewInputBytes(append(make([]byte, 0, len(text)+1), text...)))
	rule := ""           // the at-rule whose prelude we are in
	var functions []bool // of each open parenthesis: do strings in it name files?
	for offset := 0; ; {
		kind, token := l.Next()
		from, to := offset, offset+len(token)
		offset = to
		switch kind {
		case css.ErrorToken:
			return
		case css.AtKeywordToken:
			rule = strings.ToLower(string(token))
		case css.SemicolonToken, css.LeftBraceToken:
			rule = ""
		case css.FunctionToken:
			name := strings.ToLower(string(token))
			functions = append(functions, name == "image-set(" || name == "-webkit-image-set(" || name == "src(")
		case css.LeftParenthesisToken:
			functions = append(functions, false)
		case css.RightParenthesisToken:
			functions = functions[:max(0, len(functions)-1)]
		case css.URLToken:
			if rule != "@namespace" {
				a, b := insideURL(token)
				yield(from+a, from+b, viaOf(rule, "url()"))
			}
		case css.StringToken:
			if rule == "@import" && len(functions) == 0 {
				a, b := unquoted(token, 0, len(token))
				yield(from+a, from+b, "@import")
				rule = "" // layer() and supports() after it hold no URL of ours
			} else if len(functions) > 0 && functions[len(functions)-1] {
				a, b := unquoted(token, 0, len(token))
				yield(from+a, from+b, "image-set()")
			}
		case css.CommentToken:
			if m := sourceMap().FindSubmatchIndex(token); m != nil {
				yield(from+m[2], from+m[3], ViaSourceMap)
			}
		}
	}
}

func viaOf(rule, otherwise string) string {
	if rule == "@import" {
		return rule
	}
	return otherwise
}

// insideURL returns the span of the URL within a token url(…).
func insideURL(token []byte) (from, to int) {
	from = bytes.IndexByte(token, '(') + 1
	to = len(token)
	if to > from && token[to-1] == ')' {
		to--
	}
	for from < to && isSpace(token[from]) {
		from++
	}
	for to > from && isSpace(token[to-1]) {
		to--
	}
	return unquoted(token, from, to)
}

// unquoted narrows a span to what stands within its quotes; at the end of a file the
// closing one may be missing.
func unquoted(token []byte, from, to int) (int, int) {
	if from == to || token[from] != '"' && token[from] != '\'' {
		return from, to
	}
	if to-from >= 2 && token[to-1] == token[from] {
		to--
	}
	return from + 1, to
}

// unescapeCSS undoes backslash escapes: \26 is an ampersand, \( a parenthesis.
func unescapeCSS(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		n := 0
		for n < 6 && i+1+n < len(s) && strings.IndexByte("0123456789abcdefABCDEF", s[i+1+n]) >= 0 {
			n++
		}
		if n == 0 {
			i++
			if s[i] != '\n' { // an escaped line break is nothing
				out.WriteByte(s[i])
			}
			continue
		}
		r, _ := strconv.ParseUint(s[i+1:i+1+n], 16, 32)
		out.WriteRune(rune(r))
		if i += n; i+1 < len(s) && isSpace(s[i+1]) { // one blank ends the escape
			i++
		}
	}
	return out.String()
}

package distribution

import (
	"fmt"
	"reflect"
	"testing"
	"time"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

// awkward are texts that YAML reads as something else when they stand bare.
var awkward = []string{"null", "~", "true", "No", "1", "0x1F", "1e3", ".inf", "2026-01-01", "a: b", "a #b", "- a", "*a", "&a", "!a", "%a", "@a",
	"{a", "[a", "'a'", `"a"`, `a\b`, "ä", "a,b", "|", ">", "?", "=", "<<", "a:", ":a"}

func drawText(t *rapid.T, what string) string {
	return rapid.OneOf(rapid.SampledFrom(awkward), rapid.StringMatching(`[!-~]{1,12}`), rapid.StringMatching(`[!-~][ -~]{0,8}[!-~]`)).Draw(t, what)
}

func drawSelection(t *rapid.T, what string) cachepolicy.Selection {
	mode := cachepolicy.SelectionMode(rapid.IntRange(0, 3).Draw(t, what))
	s := cachepolicy.Selection{Mode: mode}
	if mode == cachepolicy.Only || mode == cachepolicy.AllBut {
		s.Names = rapid.SliceOfNDistinct(rapid.SampledFrom(awkward), 1, 5, rapid.ID[string]).Draw(t, what+" names")
	}
	return s
}

func drawSeconds(t *rapid.T, what string, least, most int) time.Duration {
	return time.Duration(rapid.IntRange(least, most).Draw(t, what)) * time.Second
}

func drawDistribution(t *rapid.T) *Distribution {
	d := &Distribution{Enabled: rapid.Bool().Draw(t, "enabled"), Comment: drawText(t, "comment"), TagHeader: rapid.SampledFrom([]string{"", "Tag", "1"}).Draw(t, "tag")}
	fields := reflect.ValueOf(&d.Emulation).Elem()
	for i := range fields.NumField() {
		fields.Field(i).SetBool(rapid.Bool().Draw(t, "switch"))
	}
	for i, id := range rapid.SliceOfNDistinct(rapid.SampledFrom(awkward), 1, 3, rapid.ID[string]).Draw(t, "origins") {
		o := newOrigin(id)
		o.Domain = fmt.Sprintf("o%d.example.com", i)
		o.Protocol = Protocol(rapid.IntRange(0, 2).Draw(t, "protocol"))
		o.ReadTimeout = drawSeconds(t, "read timeout", 1, 120)
		o.S3 = rapid.Bool().Draw(t, "s3")
		if rapid.Bool().Draw(t, "url") {
			o.URL = "http://127.0.0.1:3000"
		}
		if rapid.Bool().Draw(t, "headers") {
			o.Headers = []Header{{"X-Own", drawText(t, "value")}, {"null", "1"}}
		}
		d.Origins = append(d.Origins, o)
	}
	for i := range rapid.IntRange(1, 4).Draw(t, "behaviors") {
		b := drawBehavior(t)
		b.PathPattern = fmt.Sprintf("/%d", i)
		b.TargetOriginID = d.Origins[rapid.IntRange(0, len(d.Origins)-1).Draw(t, "target")].ID
		d.Behaviors = append(d.Behaviors, b)
	}
	d.Behaviors[len(d.Behaviors)-1].PathPattern = "*"
	if rapid.Bool().Draw(t, "error response") {
		d.ErrorResponses = []ErrorResponse{{Code: 404, Page: "/x", Status: 200, MinTTL: drawSeconds(t, "error TTL", 0, 99)}}
	}
	d.complete(d.Comment)
	return d
}

func drawBehavior(t *rapid.T) Behavior {
	b := Behavior{
		ViewerProtocol: ViewerProtocol(rapid.IntRange(0, 2).Draw(t, "viewer protocol")),
		Methods:        Methods(rapid.IntRange(0, 2).Draw(t, "methods")),
		Compress:       rapid.Bool().Draw(t, "compress"),
	}
	b.Terms.CachedOptions = b.Methods != GetHead && rapid.Bool().Draw(t, "cached options")
	if rapid.Bool().Draw(t, "legacy") {
		v := legacyValues{query: rapid.Bool().Draw(t, "query"), cookies: drawSelection(t, "cookies"), headers: cachepolicy.Selection{Mode: cachepolicy.All}}
		if v.cookies.Mode == cachepolicy.AllBut {
			v.cookies = cachepolicy.Selection{}
		}
		if v.query && rapid.Bool().Draw(t, "keys") {
			v.keys = []string{drawText(t, "key")}
		}
		v.terms(&b.Terms)
		bounds{0, drawSeconds(t, "default", 0, 99), drawSeconds(t, "max", 99, 999)}.into(&b.Terms.Policy)
	} else {
		managed := cachepolicy.Managed()
		b.Terms.Policy = managed[rapid.IntRange(0, len(managed)-1).Draw(t, "managed")]
		if rapid.Bool().Draw(t, "own") {
			b.Terms.Policy = cachepolicy.Policy{Name: drawText(t, "name"), DefaultTTL: drawSeconds(t, "default", 0, 99), MaxTTL: drawSeconds(t, "max", 99, 1<<30),
				Cookies: drawSelection(t, "cookies"), QueryStrings: drawSelection(t, "queries"), Gzip: rapid.Bool().Draw(t, "gzip")}
		}
		b.Terms.OriginRequest = cachepolicy.OriginRequestPolicy{Cookies: drawSelection(t, "more cookies"), QueryStrings: drawSelection(t, "more queries")}
	}
	if rapid.Bool().Draw(t, "response headers") {
		b.ResponseHeaders = &ResponseHeadersPolicy{Set: []ResponseHeader{{Name: "X-A", Value: drawText(t, "header"), Override: rapid.Bool().Draw(t, "override")}}}
	}
	return b
}

// What is written is read as the same, whatever texts there are in it.
func TestWrittenIsReadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := drawDistribution(t)
		if err := d.Check(); err != nil {
			t.Fatalf("drawn, but %v", err)
		}
		text := d.YAML()
		got, _, err := Read("written", text)
		if err != nil || !reflect.DeepEqual(got, d) {
			t.Fatalf("%v\nwritten as\n%s\nread as\n%+v\nwant\n%+v", err, text, got, d)
		}
	})
}

package store

import (
	"bytes"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

func TestHeadHoldsWhatIsTheSameInEveryAnswer(t *testing.T) {
	rows := []struct {
		name   string
		status int
		isHead bool
		header http.Header
		body   string
		want   string
	}{
		{name: "fields are sorted, the length is the body's", status: 200, body: "hello",
			header: http.Header{"Etag": {`"1"`}, "Cache-Control": {"max-age=60"}},
			want:   "Cache-Control: max-age=60\r\nContent-Length: 5\r\nEtag: \"1\"\r\n"},
		{name: "XC-06: Date stays that of the stored response", status: 200,
			header: http.Header{"Date": {"Mon, 02 Nov 2026 10:00:00 GMT"}},
			want:   "Content-Length: 0\r\nDate: Mon, 02 Nov 2026 10:00:00 GMT\r\n"},
		{name: "XC-19: what is added for each answer is left out", status: 200,
			header: http.Header{"Age": {"5"}, "Via": {"1.1 a"}, "X-Cache": {"Hit"}, "X-Amz-Cf-Id": {"x"}, "X-Amz-Cf-Pop": {"FRA"}, "X-A": {"1"}},
			want:   "Content-Length: 0\r\nX-A: 1\r\n"},
		{name: "XC-22: what belongs to a connection is left out", status: 200,
			header: http.Header{"Connection": {"close"}, "Transfer-Encoding": {"chunked"}}, want: "Content-Length: 0\r\n"},
		{name: "several values are several lines, in order", status: 200,
			header: http.Header{"Set-Cookie": {"b=2", "a=1"}}, want: "Content-Length: 0\r\nSet-Cookie: b=2\r\nSet-Cookie: a=1\r\n"},
		{name: "a wrong length of the origin is put right", status: 200, body: "hello",
			header: http.Header{"Content-Length": {"99"}}, want: "Content-Length: 5\r\n"},
		{name: "KEY-12: the answer to a HEAD keeps the origin's length", status: 200, isHead: true,
			header: http.Header{"Content-Length": {"99"}}, want: "Content-Length: 99\r\n"},
		{name: "the answer to a HEAD may have no length", status: 200, isHead: true, want: ""},
		{name: "RFC 9110 §8.6: a 204 has no length", status: 204, want: ""},
		{name: "a value cannot end its line", status: 200,
			header: http.Header{"X-A": {"1\r\nX-B: 2"}}, want: "Content-Length: 0\r\nX-A: 1  X-B: 2\r\n"},
		{name: "a name that is none is left out", status: 200,
			header: http.Header{"X A\r\n": {"1"}}, want: "Content-Length: 0\r\n"},
		{name: "an empty value is a line", status: 200, header: http.Header{"X-A": {""}}, want: "Content-Length: 0\r\nX-A: \r\n"},
	}
	for _, row := range rows {
		s := &cachepolicy.Stored{Status: row.status, Head: row.isHead, Header: row.header}
		if got := string(NewResponse(s, BytesBody([]byte(row.body))).Head); got != row.want {
			t.Errorf("%s:\nheader %q\ngot    %q\nwant   %q", row.name, row.header, got, row.want)
		}
	}
}

func TestResponseIsACopyOfTheHead(t *testing.T) {
	s := filledStored(t)
	r := NewResponse(s, BytesBody([]byte("hello")))
	s.BodyBytes = 5
	if !reflect.DeepEqual(r.Stored, s) {
		t.Errorf("got  %+v\nwant %+v", r.Stored, s)
	}
	before := *s
	before.Header = s.Header.Clone()
	r = NewResponse(s, BytesBody(nil))
	s.Header.Set("Etag", "changed")
	s.Tags[0] = "changed"
	if r.Stored.Header.Get("Etag") == "changed" || r.Stored.Tags[0] == "changed" {
		t.Error("a change of what was given changes what is stored")
	}
	_ = append(r.Head, "X-Cache: Hit from cloudfront\r\n"...)
	if r.Stored.Key != before.Key {
		t.Errorf("appending to Head overwrote the key: %q", r.Stored.Key)
	}
}

// filledStored has something in every field, so that a field added to Stored and
// forgotten here shows.
func filledStored(t *testing.T) *cachepolicy.Stored {
	t.Helper()
	s := &cachepolicy.Stored{}
	fill(t, reflect.ValueOf(s).Elem(), "Stored")
	s.Key = "d1.example /a/b?c=1\nHost: é\xff"
	s.URI = "/a/b?c=1"
	s.Header = http.Header{
		"Etag": {`"1"`}, "X-Raw": {"\xe9\xff", "<&>\u2028"}, "Age": {"3"}, "Set-Cookie": {"a=1", "b=2"},
		"Content-Length": {"5"}, "X-Empty": {""},
	}
	s.Status, s.Head = 200, false
	return s
}

func fill(t *testing.T, v reflect.Value, path string) {
	t.Helper()
	if tm, ok := v.Addr().Interface().(interface{ UnmarshalText([]byte) error }); ok {
		if err := tm.UnmarshalText([]byte("2026-11-02T10:00:00.123456789Z")); err != nil {
			t.Fatal(err)
		}
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i), path+"."+v.Type().Field(i).Name)
		}
	case reflect.String:
		v.SetString(strings.ToLower(path))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(1<<40 + 7)
	case reflect.Uint64:
		v.SetUint(1<<63 + 5)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(t, v.Index(0), path+"[0]")
		fill(t, v.Index(1), path+"[1]")
	case reflect.Map: // Header is filled by the caller
	default:
		t.Fatalf("%s: this test does not know how to fill a %s", path, v.Type())
	}
}

// What memory keeps is lean, and becomes whole again.
func TestLeanAndWhole(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := anyResponse(t)
		r.Stored.Header.Set("Content-Length", rapid.SampledFrom([]string{"", "1", "100"}).Draw(t, "length"))
		r = NewResponse(r.Stored, r.Body)
		lean := r.of()
		if lean.Stored.Header != nil || lean.Plain != r.Plain || lean.costBytes() != r.costBytes() {
			t.Fatalf("lean: got %+v of %+v", lean, r)
		}
		if got := lean.Whole(); !reflect.DeepEqual(got.Stored, r.Stored) || !bytes.Equal(got.Head, r.Head) || !bytes.Equal(got.Body.Bytes(), r.Body.Bytes()) {
			t.Fatalf("whole again: got\n%+v, want\n%+v", got.Stored, r.Stored)
		}
	})
}

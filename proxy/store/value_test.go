package store

import (
	"bytes"
	"net/http"
	"reflect"
	"testing"
	"time"

	"staleproof/cachepolicy"
)

func sample() *Response {
	at := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	return NewResponse(&cachepolicy.Stored{
		Key: "d.example /a\nAccept-Encoding: br", URI: "/a", Tags: []string{"one"}, Status: 200,
		Header:   http.Header{"Etag": {`"1"`}, "Content-Type": {"text/css"}, "X-Raw": {"caf\xe9"}},
		Received: at, Freshness: cachepolicy.Freshness{Lifetime: time.Hour, Rule: cachepolicy.RuleMaxAge}, Mark: 3,
	}, BytesBody([]byte("body{}")))
}

func TestValueComesBack(t *testing.T) {
	r := sample()
	value, err := encode(7, r, "")
	if err != nil {
		t.Fatal(err)
	}
	s, file, body, err := decode(value, r.Stored.Key, 7)
	if err != nil || file != "" || string(body) != "body{}" || !reflect.DeepEqual(s, r.Stored) {
		t.Errorf("got %+v %q %q %v\nwant %+v", s, file, body, err, r.Stored)
	}
}

func TestValueThatIsNotThisOneIsAMiss(t *testing.T) {
	r := sample()
	value, err := encode(7, r, "")
	if err != nil {
		t.Fatal(err)
	}
	changed := func(i int) []byte {
		b := bytes.Clone(value)
		b[i] ^= 1
		return b
	}
	tests := []struct {
		name  string
		value []byte
		key   string
		epoch uint64
	}{
		{"nothing", nil, r.Stored.Key, 7},
		{"another version", changed(0), r.Stored.Key, 7},
		{"another key", value, "d.example /b", 7},
		{"another epoch", value, r.Stored.Key, 8},
		{"cut", value[:len(value)-1], r.Stored.Key, 7},
		{"cut in the head", value[:20], r.Stored.Key, 7},
		{"longer", append(bytes.Clone(value), 'x'), r.Stored.Key, 7},
		{"a changed body", changed(len(value) - 1), r.Stored.Key, 7},
		{"a changed head", changed(40), r.Stored.Key, 7},
		{"a changed length", changed(8), r.Stored.Key, 7},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if s, _, _, err := decode(tt.value, tt.key, tt.epoch); err == nil {
				t.Errorf("got %+v, want a miss", s)
			}
		})
	}
}

// A value is foreign bytes: it must not become a head that means something else on
// the wire.
func TestValueWithAnUnsafeHeadIsAMiss(t *testing.T) {
	for name, head := range map[string]string{
		"a value that ends its line":  `{"Epoch":7,"Stored":{"Key":"k","Status":200,"Header":{"A":["1\r\nB: 2"]}}}`,
		"a name that is none":         `{"Epoch":7,"Stored":{"Key":"k","Status":200,"Header":{"A:":["1"]}}}`,
		"a name not in its only form": `{"Epoch":7,"Stored":{"Key":"k","Status":200,"Header":{"etag":["1"]}}}`,
		"a status that is none":       `{"Epoch":7,"Stored":{"Key":"k","Status":20000}}`,
		"not a byte":                  `{"Epoch":7,"Latin1":true,"Stored":{"Key":"k","Status":200,"Part":"\u20ac"}}`,
		"no head":                     `{"Epoch":7}`,
		"a body beside a file":        `{"Epoch":7,"File":"x","Stored":{"Key":"k","Status":200}}`,
		"not JSON":                    `{`,
	} {
		value := frame([]byte(head), 1)
		if name == "a body beside a file" {
			value = append(value, 'x')
		}
		if s, _, _, err := decode(seal(value), "k", 7); err == nil {
			t.Errorf("%s: got %+v, want a miss", name, s)
		}
	}
}

// FuzzDecode gives decode foreign bytes, with a checksum that fits so that it gets
// past it: it must not panic, and what it accepts must be what it would write.
func FuzzDecode(f *testing.F) {
	r := sample()
	value, err := encode(7, r, "")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(value)
	f.Add(value[:9])
	f.Add([]byte{})
	f.Add(seal(frame([]byte(`{"Epoch":7,"Stored":{"Key":"k","Status":200,"BodyBytes":-1}}`), 0)))
	f.Add(seal(frame([]byte(`{"Epoch":7,"File":"../x","Stored":{"Key":"k","Status":200}}`), 0)))
	f.Fuzz(func(t *testing.T, b []byte) {
		if len(b) >= valuePrefix {
			b = seal(bytes.Clone(b))
		}
		for _, key := range []string{r.Stored.Key, "k"} {
			s, file, body, err := decode(b, key, 7)
			if err != nil {
				continue
			}
			if s.Key != key || file == "" && int64(len(body)) != s.BodyBytes {
				t.Fatalf("accepted %+v with %d bytes for %q", s, len(body), key)
			}
		}
	})
}

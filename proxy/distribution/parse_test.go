package distribution

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"staleproof/cachepolicy"
)

func TestParseDuration(t *testing.T) {
	const day = 24 * time.Hour
	for _, row := range []struct {
		text string
		want time.Duration
		bad  string // part of the error
	}{
		{"0", 0, ""}, {"60", time.Minute, ""}, {"0s", 0, ""}, {"60s", time.Minute, ""}, {"90m", 90 * time.Minute, ""},
		{"24h", day, ""}, {"365d", 365 * day, ""}, {"1h30m", 90 * time.Minute, ""}, {"1d1h1m1s", day + time.Hour + time.Minute + time.Second, ""},
		{"3153600000", maxTTL, ""}, {"36500d", maxTTL, ""},
		{"3153600001", 0, "100 years"}, {"36500d1s", 0, "100 years"}, {"99999999999d", 0, "100 years"},
		{"", 0, "empty"}, {"-5s", 0, "negative"}, {"s", 0, "number"}, {"1.5h", 0, "fraction"}, {"10ms", 0, "number"},
		{"1w", 0, "unit"}, {"1h30", 0, "unit"}, {"1 h", 0, "unit"},
	} {
		got, err := ParseDuration(row.text)
		switch {
		case row.bad == "" && (err != nil || got != row.want):
			t.Errorf("ParseDuration(%q) is %v, %v, want %v", row.text, got, err, row.want)
		case row.bad != "" && (err == nil || !strings.Contains(err.Error(), row.bad)):
			t.Errorf("ParseDuration(%q) is %v, %v, want an error with %q", row.text, got, err, row.bad)
		}
	}
}

func TestDurationsAreReadAsTheyAreWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Range(0, int64(maxTTL/time.Second)).Draw(t, "seconds")) * time.Second
		if got, err := ParseDuration(FormatDuration(d)); err != nil || got != d {
			t.Fatalf("%v is written %q and read %v, %v", d, FormatDuration(d), got, err)
		}
	})
}

func TestParseSelection(t *testing.T) {
	for _, row := range []struct {
		text string
		want cachepolicy.Selection
	}{
		{"none", cachepolicy.Selection{}},
		{"all", cachepolicy.Selection{Mode: cachepolicy.All}},
		{"a", cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"a"}}},
		{"a,b", cachepolicy.Selection{Mode: cachepolicy.Only, Names: []string{"a", "b"}}},
		{"allExcept:a,b", cachepolicy.Selection{Mode: cachepolicy.AllBut, Names: []string{"a", "b"}}},
	} {
		if got, err := ParseSelection(row.text); err != nil || !reflect.DeepEqual(got, row.want) {
			t.Errorf("ParseSelection(%q) is %v, %v, want %v", row.text, got, err, row.want)
		}
	}
	for _, bad := range []string{"", "a,", "a, b", "allExcept:", "a=b", "only:a"} {
		if got, err := ParseSelection(bad); err == nil {
			t.Errorf("ParseSelection(%q) is %v, want an error", bad, got)
		}
	}
}

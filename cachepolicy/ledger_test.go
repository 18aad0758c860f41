package cachepolicy

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// elsewhere are the rows that values alone cannot show, by where they belong.
// 01-17 stands for 01 to 17.
var elsewhere = map[string]string{
	"proxy: one exchange, its steps, flights and bodies": "COND-06 COND-08 COND-10 COND-11 COND-12 KEY-15 KEY-23 KEY-24 KEY-25 " +
		"POL-13 AE-10 COLL-02 ERR-17-21 ERR-24 ERR-25 ERR-31 INV-09 INV-28 RNG-01 RNG-02 RNG-04-08 CMP-07 CMP-10 CMP-11 XC-01-03 XC-08 XC-09 XC-11-19 " +
		"XC-23 LIM-01-03 LIM-05 LIM-07 LIM-08 TIER-01-11 LOG-01-10 D-12 D-14 D-15 D-17 unknown-13 unknown-16 unknown-17 unknown-20 " +
		"requests-HDR-01 requests-HDR-07 requests-HDR-09-13 requests-HDR-29 requests-HDR-33 RSP-04-09",
	"proxy/distribution: what a configuration may say": "TTL-25 TTL-26 KEY-06 KEY-14 HDR-07 AE-07 POL-03 POL-11 POL-12 POL-16 " +
		"LEG-08-11 ERR-14-16 LIM-04 LIM-06 requests-HDR-27 requests-HDR-30 requests-HDR-31 FWD-08 FWD-11",
	"proxy/control: the API and its books":     "MCP-11 POL-15 INV-17-27 INV-32",
	"proxy/function and what functions answer": "TTL-31 KEY-21 KEY-22 QS-13 INV-10 XC-10",
	"proxy/access: signed URLs":                "QS-10 INV-08",
}

// listed is elsewhere, row by row.
func listed() []string {
	var rows []string
	for _, place := range elsewhere {
		for row := range strings.FieldsSeq(place) {
			row = strings.NewReplacer("unknown-", "unknown ", "requests-", "requests ").Replace(row)
			section, first, _ := strings.Cut(row, "-")
			first, last, ok := strings.Cut(first, "-")
			if !ok {
				rows = append(rows, row)
				continue
			}
			from, _ := strconv.Atoi(first)
			to, _ := strconv.Atoi(last)
			for n := from; n <= to; n++ {
				rows = append(rows, fmt.Sprintf("%s-%02d", section, n))
			}
		}
	}
	return rows
}

const id = `(?:requests )?[A-Z]+-\d+|unknown \d+`

var (
	leading = regexp.MustCompile("[\"`]((?:" + id + ")(?:, (?:" + id + "))*): ")
	ledger  = regexp.MustCompile(`(?m)^\| ([A-Z]+-\d\d) \|`)
	dispute = regexp.MustCompile(`(?m)^\| (D-\d+) \(`)
	unknown = regexp.MustCompile(`(?m)^(\d+)\. `)
)

// TestLedger holds tests and ledgers together: every row that a test names is
// there, and every row of the sections that belong here has a test or stands in
// the list above.
func TestLedger(t *testing.T) {
	tested := map[string]bool{}
	files, _ := filepath.Glob("*_test.go")
	for _, file := range files {
		for _, match := range leading.FindAllStringSubmatch(read(t, file), -1) {
			for row := range strings.SplitSeq(match[1], ", ") {
				tested[row] = true
			}
		}
	}
	caching := read(t, "../docs/cloudfront/caching.md")
	var rows []string
	for _, match := range ledger.FindAllStringSubmatch(caching, -1) {
		rows = append(rows, match[1])
	}
	for _, match := range dispute.FindAllStringSubmatch(caching, -1) {
		rows = append(rows, match[1])
	}
	for _, match := range unknown.FindAllStringSubmatch(caching[strings.Index(caching, "## 24."):], -1) {
		rows = append(rows, "unknown "+match[1])
	}
	for _, match := range ledger.FindAllStringSubmatch(read(t, "../docs/cloudfront/requests.md"), -1) {
		switch row := match[1]; row[:4] {
		case "HDR-": // a section of both
			rows = append(rows, "requests "+row)
		case "FWD-", "RSP-":
			rows = append(rows, row)
		}
	}
	if len(rows) < 400 {
		t.Fatalf("only %d rows read from the ledgers", len(rows))
	}
	out := listed()
	for _, row := range rows {
		switch listed := slices.Contains(out, row); {
		case tested[row] && listed:
			t.Errorf("%s has a test: it need not be listed", row)
		case !tested[row] && !listed:
			t.Errorf("%s has no test and is not listed", row)
		}
	}
	for _, row := range slices.AppendSeq(out, maps.Keys(tested)) {
		if !slices.Contains(rows, row) {
			t.Errorf("%s is in no ledger", row)
		}
	}
	t.Logf("%d of %d rows have a test here, %d belong elsewhere", len(tested), len(rows), len(out))
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

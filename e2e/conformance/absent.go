package main

import (
	"os"
	"regexp"
	"strings"
)

// absent are rows of the other ledgers that no test can show, and why: what they tell of
// is not emulated, or they tell of other programs than CloudFront. The first that fits a
// row counts. A row that has a test needs no reason.
var absent = []struct {
	rows *regexp.Regexp
	why  string
}{
	{regexp.MustCompile(`^FN-2[45]\d$`), others},
	{regexp.MustCompile(`^(FN)-`), "not emulated: functions; an association is read and named in a note"},
	{regexp.MustCompile(`^(LE)-`), "not emulated: Lambda@Edge; an association is read and named in a note"},
	{regexp.MustCompile(`^SIG-1(3\d|40|7\d)$`), others},
	{regexp.MustCompile(`^SIG-(\d\d|1[0-2]\d)$`), "not emulated: signed URLs and cookies; trusted signers are read and named in a note"},
	{regexp.MustCompile(`^API-24[0-8]$`), "not emulated: key value stores"},
	{regexp.MustCompile(`^API-3(4|5|6|7)\d$`), others},
	{regexp.MustCompile(`^GEO-`), "not emulated: geographic restriction; it is read and named in a note"},
	{regexp.MustCompile(`^RTL-|^requests LOG-`), "not emulated: CloudFront's log files; see --access-log"},
	{regexp.MustCompile(`^DEP-|^CFG-12\d$`), "not emulated: continuous deployment, tenants, VPC origins, anycast addresses"},
	{regexp.MustCompile(`^PROT-(08|09|11|12)$`), "not emulated: WebSocket"},
	{regexp.MustCompile(`^PROT-1[34]$`), "not emulated: gRPC"},
}

// others is said of rows that tell what clients and other emulators do, and which public
// suites there are: they describe no behaviour of CloudFront's.
const others = "not applicable: it tells of other programs"

// untested is said of all the rest.
const untested = "not covered: no test names it"

// operations are those of CloudFront's API that docs/CONTROL.md says are not emulated.
func operations(file string) (map[string]bool, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	_, table, _ := strings.Cut(string(b), "### Not emulated")
	table, _, _ = strings.Cut(table, "\n## ")
	refused := map[string]bool{}
	for _, m := range regexp.MustCompile("`([A-Z][A-Za-z]+)`").FindAllStringSubmatch(table, -1) {
		refused[m[1]] = true
	}
	return refused, nil
}

// why is the state of a row without a test.
func (r *row) why(refused map[string]bool) string {
	if refused[r.fact] {
		return "not emulated: the operation is refused ([CONTROL.md](CONTROL.md#not-emulated))"
	}
	for _, a := range absent {
		if a.rows.MatchString(r.id) {
			return a.why
		}
	}
	return untested
}

package main

// later are the rows that cannot hold yet, and why: none of them is core, and
// there are at most maxLater.
var later = map[string]string{
	"KEY-21":  originFunctions,
	"KEY-22":  originFunctions,
	"XC-02":   functions,
	"XC-03":   "no quota or capacity of CloudFront's own is emulated, and no capture shows the words",
	"XC-11":   "there is no WAF and no geographic restriction yet",
	"XC-17":   "there is no HTTP/3, and Alt-Svc would promise it",
	"QS-10":   "signed URLs are not checked yet, so their parameters are ordinary ones",
	"KEY-24":  "such a default root object is refused when the configuration is read (ROOT-10)",
	"LEG-11":  "which headers a bucket accepts is not checked",
	"LOG-06":  serverTiming,
	"LOG-07":  serverTiming,
	"LOG-08":  serverTiming,
	"LOG-09":  serverTiming,
	"LOG-10":  "log files in CloudFront's form are not written yet",
	"POL-16":  "the limits within one policy are checked (error-names-quota), those of an account are not",
	"INV-28":  "there is no Smooth Streaming",
	"TIER-05": "origins and regional caches have no region",
	"TIER-07": "events do not tell yet which tier a hit came from",
	"TIER-10": "gRPC is not emulated",
}

const (
	functions       = "functions are not run from files yet, so there is no way for one to fail"
	originFunctions = "there are no origin-facing functions yet"
	serverTiming    = "Server-Timing is not sent yet"
)

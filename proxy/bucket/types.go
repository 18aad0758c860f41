package bucket

import (
	"path"
	"strings"
	"sync"
)

// unknownType is what S3 gives an object that was uploaded without a type. [S3-28]
const unknownType = "binary/octet-stream"

// knownTypes are the types by extension that the AWS command line guesses [S3-28]:
// those of Python 3.13, which it brings along. The last lines are from the list of
// the system, which it reads as well where there is one (Debian, macOS).
const knownTypes = `
application/json json
application/manifest+json webmanifest
application/msword doc dot wiz
application/n-quads nq
application/n-triples nt
application/octet-stream a bin dll exe o obj so
application/oda oda
application/pdf pdf
application/pkcs7-mime p7c
application/postscript ai eps ps
application/trig trig
application/vnd.apple.mpegurl m3u m3u8
application/vnd.ms-excel xlb xls
application/vnd.ms-powerpoint pot ppa pps ppt pwz
application/wasm wasm
application/x-bcpio bcpio
application/x-cpio cpio
application/x-csh csh
application/x-dvi dvi
application/x-gtar gtar
application/x-hdf hdf
application/x-hdf5 h5
application/x-latex latex
application/x-mif mif
application/x-netcdf cdf nc
application/x-pkcs12 p12 pfx
application/x-pn-realaudio ram
application/x-python-code pyc pyo
application/x-sh sh
application/x-shar shar
application/x-shockwave-flash swf
application/x-sv4cpio sv4cpio
application/x-sv4crc sv4crc
application/x-tar tar
application/x-tcl tcl
application/x-tex tex
application/x-texinfo texi texinfo
application/x-troff roff t tr
application/x-troff-man man
application/x-troff-me me
application/x-troff-ms ms
application/x-ustar ustar
application/x-wais-source src
application/xml rdf wsdl xpdl xsl
application/zip zip
audio/3gpp 3gp 3gpp
audio/3gpp2 3g2 3gpp2
audio/aac aac adts ass loas
audio/basic au snd
audio/mpeg mp2 mp3
audio/opus opus
audio/x-aiff aif aifc aiff
audio/x-pn-realaudio ra
audio/x-wav wav
image/avif avif
image/bmp bmp
image/gif gif
image/heic heic
image/heif heif
image/ief ief
image/jpeg jpe jpeg jpg
image/png png
image/svg+xml svg
image/tiff tif tiff
image/vnd.microsoft.icon ico
image/webp webp
image/x-cmu-raster ras
image/x-portable-anymap pnm
image/x-portable-bitmap pbm
image/x-portable-graymap pgm
image/x-portable-pixmap ppm
image/x-rgb rgb
image/x-xbitmap xbm
image/x-xpixmap xpm
image/x-xwindowdump xwd
message/rfc822 eml mht mhtml nws
text/css css
text/csv csv
text/html htm html
text/javascript js mjs
text/markdown markdown md
text/n3 n3
text/plain bat c h ksh pl srt txt
text/richtext rtx
text/rtf rtf
text/tab-separated-values tsv
text/vtt vtt
text/x-python py
text/x-rst rst
text/x-setext etx
text/x-sgml sgm sgml
text/x-vcard vcf
text/xml xml
video/mp4 mp4
video/mpeg m1v mpa mpe mpeg mpg
video/quicktime mov qt
video/webm webm
video/x-msvideo avi
video/x-sgi-movie movie

application/atom+xml atom
application/epub+zip epub
application/vnd.android.package-archive apk
application/vnd.ms-fontobject eot
application/vnd.openxmlformats-officedocument.presentationml.presentation pptx
application/vnd.openxmlformats-officedocument.spreadsheetml.sheet xlsx
application/vnd.openxmlformats-officedocument.wordprocessingml.document docx
application/x-7z-compressed 7z
audio/flac flac
audio/ogg oga ogg
font/collection ttc
font/otf otf
font/ttf ttf
font/woff woff
font/woff2 woff2
image/jxl jxl
video/ogg ogv
`

// typesByExtension has knownTypes by extension, without the dot.
var typesByExtension = sync.OnceValue(func() map[string]string {
	types := map[string]string{}
	for line := range strings.Lines(knownTypes) {
		words := strings.Fields(line)
		for _, extension := range words[min(1, len(words)):] {
			types[extension] = words[0]
		}
	}
	return types
})

// compressions are extensions that say how a file is packed; the type is that of
// the one before. The command line sets no Content-Encoding. [S3-28]
var compressions = map[string]bool{"gz": true, "Z": true, "bz2": true, "xz": true, "br": true}

// packed are extensions that stand for two.
var packed = map[string]string{"svgz": "svg", "tgz": "tar", "taz": "tar", "tz": "tar", "tbz2": "tar", "txz": "tar"}

// typeOf guesses the Content-Type of a key by its extension. [S3-28]
func typeOf(key string) string {
	name, extension := split(path.Base(key))
	if inner, ok := packed[extension]; ok {
		extension = inner
	} else if compressions[extension] {
		_, extension = split(name)
	}
	for _, e := range []string{extension, strings.ToLower(extension)} {
		if t, ok := typesByExtension()[e]; ok {
			return t
		}
	}
	return unknownType
}

// split cuts the extension off; dots at the beginning of a name begin none.
func split(name string) (rest, extension string) {
	i := strings.LastIndexByte(name, '.')
	if i < 0 || strings.Trim(name[:i], ".") == "" {
		return name, ""
	}
	return name[:i], name[i+1:]
}

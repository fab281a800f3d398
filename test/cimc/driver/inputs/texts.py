# SPDX-License-Identifier: Apache-2.0
#
# Every option of --help is in the manual page and in the completion:
# texts.py HELP PAGE COMPLETION
import re
import sys

text, page, completion = (open(path).read() for path in sys.argv[1:])
options = re.findall(r"^  (-\S+?)(?:,|\[|=| |$)", text, re.M)
options += re.findall(r"^  -\S+, (--[a-z-]+)", text, re.M)
words = completion.split("compgen -W '")[1].split("'")[0].split()
words = {word.rstrip("=") for word in words}
page = page.replace("\\-", "-")
missing = [o for o in options
           if o not in words or not re.search(rf"^\.B.*{re.escape(o)}", page,
                                              re.M)]
if missing or set(options) != words:
    sys.exit(f"missing: {missing}, {words ^ set(options)}")
print(len(options), "options, all in the page and in the completion")

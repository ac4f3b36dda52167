#!/usr/bin/env python3
"""Applies lists of `old ==> new` substitutions to the Go files of this repository. Usage: apply.py [-n] list..."""
import re, subprocess, sys
dry = '-n' in sys.argv
lists = [a for a in sys.argv[1:] if a != '-n']
pairs = []
for name in lists:
    for line in open(name, encoding='utf-8'):
        line = line.rstrip('\n')
        if not line or line.startswith('## '):
            continue
        if ' ==> ' not in line:
            print('no arrow:', line); continue
        old, new = line.split(' ==> ', 1)
        pairs.append((old, new))
files = subprocess.check_output(['git', 'ls-files', '*.go', ':!web', ':!e2e', ':!migrations']).decode().split()
import os
texts = {f: open(f, encoding='utf-8').read() for f in files if os.path.exists(f)}
for old, new in pairs:
    hit = 0
    if old.startswith('rec:'):
        rx = re.compile(old[4:])
        for f, t in texts.items():
            lines = t.split('\n'); n = 0
            for i, l in enumerate(lines):
                k = l.find('// ')
                if k < 0 or l[:k].count('"') % 2 or l[:k].count('`') % 2: continue
                c, m = rx.subn(new, l[k:])
                if m: lines[i] = l[:k] + c; n += m
            if n: texts[f] = '\n'.join(lines); hit += n
    elif old.startswith('re:'):
        rx = re.compile(old[3:], re.M)
        for f, t in texts.items():
            t2, n = rx.subn(new, t)
            if n: texts[f] = t2; hit += n
    else:
        for f, t in texts.items():
            if old in t:
                hit += t.count(old); texts[f] = t.replace(old, new)
    if not hit: print('NO HIT:', old[:110])
if not dry:
    for f, t in texts.items():
        if t != open(f, encoding='utf-8').read():
            open(f, 'w', encoding='utf-8').write(t)

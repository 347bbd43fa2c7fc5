removed=$(/usr/libexec/vastimg/clean-tmp-orphans)
if [ -n "$removed" ]; then
    changed "removed ${removed//$'\n'/ }"
fi

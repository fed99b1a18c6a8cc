#!/bin/sh
# Makes the secret files of docker-compose.yml; one that exists is left as it is.
#
#   deploy/make-secrets.sh [FOLDER]      default ./secrets
#
# The folder is closed to everybody but its owner; the files in it can be read by the containers'
# own user, into whose containers they are mounted one by one.
set -eu

folder=${1:-secrets}
command -v openssl >/dev/null || { echo "openssl is needed" >&2; exit 1; }
umask 077
mkdir -p "$folder"
chmod 700 "$folder"

make() {
    if [ -e "$folder/$1" ]; then
        echo "$1 exists, left as it is"
        return
    fi
    umask 022
    printf '%s' "$2" >"$folder/$1.new"
    mv "$folder/$1.new" "$folder/$1"
    echo "$1 made"
}

make postgres_password "$(openssl rand -hex 24)"
make fernet_key "$(openssl rand -base64 32 | tr '+/' '-_')"
make api_secret_key "$(openssl rand -hex 32)"
make jwt_secret "$(openssl rand -hex 48)"
make pseudonym_key "$(openssl rand -hex 32)"

echo "Keep a copy of pseudonym_key in a safe place, apart from the lake: without it the same person"
echo "gets another pseudonym."
